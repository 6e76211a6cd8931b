"""confluent-kafka (librdkafka) against one broker: produce, groups, transactions, administration.

confluent.py BOOTSTRAP; prints one line for each check: `ok NAME` or `not ok NAME # why`.
"""

import sys
import threading
import time
import traceback

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    ConsumerGroupType,
    IsolationLevel,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

BOOTSTRAP = sys.argv[1]
DEADLINE_S = 40
admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
failures = 0


def check(name, run):
    global failures
    try:
        run()
        print(f"ok {name}", flush=True)
    except Exception as error:  # every check is reported, whatever went wrong
        failures += 1
        traceback.print_exc()
        text = " ".join(repr(error).split())
        print(f"not ok {name} # {text}", flush=True)


def create(topic, partitions=1, **config):
    result(admin.create_topics([NewTopic(topic, partitions, 1, config=config)]))


def result(futures):
    """The values of the futures, by key; raises what one of them raised."""
    return {key: future.result(timeout=20) for key, future in futures.items()}


def produce(topic, values, partition=None, **config):
    errors = []
    producer = Producer({"bootstrap.servers": BOOTSTRAP, **config})
    for value in values:
        where = {} if partition is None else {"partition": partition}
        producer.produce(
            topic, value.encode(), key=value.encode(), headers={"n": value}, **where,
            on_delivery=lambda error, message: errors.append(error) if error else None,
        )
        producer.poll(0)
    assert producer.flush(20) == 0, "not everything was delivered"
    assert not errors, errors


def read(topic, count, group, **config):
    consumer = Consumer({
        "bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest",
        "enable.auto.commit": False, **config,
    })
    consumer.subscribe([topic])
    values = []
    deadline = time.monotonic() + DEADLINE_S
    while len(values) < count and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        values.append(message.value().decode())
    if values:
        consumer.commit(asynchronous=False)
    consumer.close()
    return values


def codecs():
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        topic = f"codec-{codec}"
        create(topic)
        values = [f"{codec}-{index}" for index in range(500)]
        produce(topic, values, **{"compression.type": codec, "linger.ms": 20})
        assert read(topic, 500, f"group-{codec}") == values


def idempotent():
    create("idempotent", 3)
    values = [str(index) for index in range(2000)]
    produce("idempotent", values, **{"enable.idempotence": True})
    assert sorted(read("idempotent", 2000, "idempotent")) == sorted(values)


def group(protocol):
    topic = f"group-{protocol}"
    create(topic, 6)
    seen, lock, stop = [], threading.Lock(), threading.Event()
    errors = []

    def member():
        config = {
            "bootstrap.servers": BOOTSTRAP, "group.id": f"members-{protocol}",
            "group.protocol": protocol, "auto.offset.reset": "earliest",
        }
        if protocol == "classic":
            config["partition.assignment.strategy"] = "cooperative-sticky"
            config["session.timeout.ms"] = 10_000
        consumer = Consumer(config)
        consumer.subscribe([topic])
        while not stop.is_set():
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error():
                errors.append(message.error())
                continue
            with lock:
                seen.append(message.value().decode())
        consumer.close()

    threads = [threading.Thread(target=member) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            found = admin.describe_consumer_groups([f"members-{protocol}"])
            description = result(found)[f"members-{protocol}"]
            shares = sorted(len(it.assignment.topic_partitions) for it in description.members)
            if shares == [2, 2, 2] and description.state == ConsumerGroupState.STABLE:
                break
            assert time.monotonic() < deadline, f"no even shares: {shares} {description.state}"
            time.sleep(0.2)
        wanted = ConsumerGroupType.CLASSIC if protocol == "classic" else ConsumerGroupType.CONSUMER
        assert description.type == wanted, description.type
        values = [str(index) for index in range(600)]
        produce(topic, values)
        while len(seen) < 600 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert sorted(seen) == sorted(values), f"{len(seen)} records"
        assert not errors, errors
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def transactions():
    create("txn", 2)
    create("txn-copy", 2)
    produce("txn", [str(index) for index in range(100)])
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "transactional.id": "copier"})
    producer.init_transactions(20)
    consumer = Consumer({
        "bootstrap.servers": BOOTSTRAP, "group.id": "copier", "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "isolation.level": "read_committed",
    })
    consumer.subscribe(["txn"])
    copied, rounds = 0, 0
    deadline = time.monotonic() + DEADLINE_S
    while copied < 100 and time.monotonic() < deadline:
        messages = [it for it in consumer.consume(10, 1.0) if not it.error()]
        if not messages:
            continue
        rounds += 1
        producer.begin_transaction()
        for message in messages:
            producer.produce("txn-copy", message.value())
        if rounds % 3 == 0:
            producer.abort_transaction(20)
            first = {}
            for message in messages:
                first.setdefault(message.partition(), message.offset())
            for partition, offset in first.items():
                consumer.seek(TopicPartition("txn", partition, offset))
            continue
        producer.send_offsets_to_transaction(
            consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 20)
        producer.commit_transaction(20)
        copied += len(messages)
    consumer.close()
    copies = read("txn-copy", 100, "copy-reader", **{"isolation.level": "read_committed"})
    assert sorted(copies) == sorted(str(index) for index in range(100)), f"{len(copies)} copies"
    committed = result(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions("copier")]))
    assert sum(it.offset for it in committed["copier"].topic_partitions) == 100


def fencing():
    config = {"bootstrap.servers": BOOTSTRAP, "transactional.id": "fenced"}
    older, newer = Producer(config), Producer(config)
    older.init_transactions(20)
    older.begin_transaction()
    older.produce("txn", b"fenced")
    older.flush(20)
    newer.init_transactions(20)
    try:
        older.commit_transaction(20)
    except KafkaException as error:
        assert error.args[0].fatal(), error
    else:
        raise AssertionError("the older producer could commit")


def topics():
    create("admin", 2, **{"retention.ms": "86400000"})
    result(admin.create_partitions([NewPartitions("admin", 4)]))
    described = result(admin.describe_topics(TopicCollection(["admin"])))["admin"]
    assert len(described.partitions) == 4, described
    resource = ConfigResource(ConfigResource.Type.TOPIC, "admin")
    assert result(admin.describe_configs([resource]))[resource]["retention.ms"].value == "86400000"
    change = ConfigEntry("retention.ms", "1000000", incremental_operation=AlterConfigOpType.SET)
    altered = ConfigResource(ConfigResource.Type.TOPIC, "admin", incremental_configs=[change])
    result(admin.incremental_alter_configs([altered]))
    assert result(admin.describe_configs([resource]))[resource]["retention.ms"].value == "1000000"
    result(admin.delete_topics(["admin"]))
    deadline = time.monotonic() + DEADLINE_S
    while "admin" in admin.list_topics(timeout=10).topics:
        assert time.monotonic() < deadline, "the topic is still there"
        time.sleep(0.1)


def offsets():
    create("offsets", 1)
    produce("offsets", [str(index) for index in range(10)], partition=0)
    partition = TopicPartition("offsets", 0)
    for spec, wanted in ((OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 10), (OffsetSpec.max_timestamp(), 9)):
        listed = result(admin.list_offsets({partition: spec}, isolation_level=IsolationLevel.READ_COMMITTED))
        got = listed[partition].offset
        assert got == wanted or (wanted == 9 and 0 <= got < 10), f"{spec}: {got}, not {wanted}"
    deleted = result(admin.delete_records([TopicPartition("offsets", 0, 4)]))
    assert deleted[partition].low_watermark == 4
    result(admin.alter_consumer_group_offsets([
        ConsumerGroupTopicPartitions("altered", [TopicPartition("offsets", 0, 6)])]))
    assert len(read("offsets", 4, "altered")) == 4
    result(admin.delete_consumer_groups(["altered"]))


def cluster():
    described = admin.describe_cluster().result(timeout=20)
    assert described.controller.id == described.nodes[0].id, described
    groups = admin.list_consumer_groups().result(timeout=20)
    assert not groups.errors and any(it.group_id == "members-classic" for it in groups.valid)


def security():
    binding = AclBinding(
        ResourceType.TOPIC, "secured", ResourcePatternType.PREFIXED, "User:bob", "*",
        AclOperation.READ, AclPermissionType.ALLOW)
    result(admin.create_acls([binding]))
    wanted = AclBindingFilter(
        ResourceType.TOPIC, "secured", ResourcePatternType.PREFIXED, None, None,
        AclOperation.ANY, AclPermissionType.ANY)
    assert admin.describe_acls(wanted).result(timeout=20) == [binding]
    assert result(admin.delete_acls([wanted]))[wanted] == [binding]
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192)
    result(admin.alter_user_scram_credentials([UserScramCredentialUpsertion("bob", info, b"secret")]))
    described = result(admin.describe_user_scram_credentials(["bob"]))["bob"]
    assert described.scram_credential_infos[0].iterations == 8192


check("produce and consume with every codec", codecs)
check("idempotent producer", idempotent)
check("classic group of three, cooperative", lambda: group("classic"))
check("consumer group of three (KIP-848)", lambda: group("consumer"))
check("transactions: consume, process, produce", transactions)
check("transactions: fencing", fencing)
check("admin: topics, partitions, configs", topics)
check("admin: offsets, records, groups", offsets)
check("admin: cluster and groups", cluster)
check("admin: ACLs and SCRAM users", security)
