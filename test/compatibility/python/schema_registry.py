"""confluent-kafka's registry client and its serializers against one schema registry.

schema_registry.py REGISTRY_URL BOOTSTRAP; prints one line for each check: `ok NAME` or `not ok NAME # why`.
"""

import json
import sys
import traceback

import requests
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, timestamp_pb2

URL, BOOTSTRAP = sys.argv[1], sys.argv[2]
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


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def refused(code, run):
    try:
        run()
    except SchemaRegistryError as error:
        equal(error.error_code, code)
        return error
    raise AssertionError(f"no error {code}")


def client():
    """A fresh one: it remembers what it was told."""
    return SchemaRegistryClient({"url": URL})


def record(name, *fields):
    return Schema(json.dumps({"type": "record", "name": name, "fields": list(fields)}), "AVRO")


A = {"name": "a", "type": "int"}
B = {"name": "b", "type": "string", "default": "x"}
C = {"name": "c", "type": "long"}


def registers():
    one, two = record("User", A), record("User", A, B)
    id_one = client().register_schema("users-value", one)
    id_two = client().register_schema("users-value", two)
    equal(client().register_schema("users-value", one), id_one)
    equal(client().register_schema("others-value", one), id_one)
    equal(json.loads(client().get_schema(id_two).schema_str), json.loads(two.schema_str))
    equal(client().get_versions("users-value"), [1, 2])
    equal(client().get_latest_version("users-value").schema_id, id_two)
    equal(client().get_version("users-value", 1).schema_id, id_one)
    equal(client().lookup_schema("users-value", two).version, 2)
    equal("users-value" in client().get_subjects(), True)


def refuses():
    refused(40901, lambda: client().register_schema("users-value", record("User", A, B, C)))
    refused(42201, lambda: client().register_schema("users-value", Schema("{", "AVRO")))
    refused(42201, lambda: client().register_schema("x", Schema('{"type":"nothing"}', "AVRO")))
    refused(40401, lambda: client().get_latest_version("nobody"))
    refused(40402, lambda: client().get_version("users-value", 99))
    refused(40403, lambda: client().get_schema(987654))
    refused(40401, lambda: client().lookup_schema("nobody", record("User", A)))
    refused(40403, lambda: client().lookup_schema("users-value", record("Nobody", A)))
    refused(42202, lambda: client().get_version("users-value", 0))


def compatibility():
    equal(client().test_compatibility("users-value", record("User", A)), True)
    equal(client().test_compatibility("users-value", record("User", A, B, C)), False)
    equal(client().set_compatibility("users-value", "NONE")["compatibility"], "NONE")
    equal(client().get_compatibility("users-value"), "NONE")
    equal(client().test_compatibility("users-value", record("User", A, B, C)), True)
    equal(client().get_config("users-value").compatibility_level, "NONE")
    config = {"compatibility": "FULL_TRANSITIVE", "normalize": True}
    equal(requests.put(f"{URL}/config/users-value", json=config).json(), config)
    equal(client().get_config("users-value").compatibility_level, "FULL_TRANSITIVE")
    refused(42203, lambda: client().set_compatibility("users-value", "SOMETIMES"))
    equal(client().get_compatibility(), "BACKWARD")


def deletes():
    subject, schema = "gone-value", record("Gone", A)
    first = client().register_schema(subject, schema)
    client().register_schema(subject, record("Gone", A, B))
    equal(client().delete_version(subject, 1), 1)
    equal(client().get_versions(subject), [2])
    equal(client().get_versions(subject, deleted=True), [1, 2])
    equal(client().get_schema(first).schema_type, "AVRO")
    refused(40407, lambda: client().delete_version(subject, 2, permanent=True))
    equal(client().delete_subject(subject), [2])
    refused(40404, lambda: client().delete_subject(subject))
    equal(subject in client().get_subjects(), False)
    equal(subject in client().get_subjects(deleted=True), True)
    equal(client().delete_subject(subject, permanent=True), [1, 2])
    refused(40403, lambda: client().get_schema(first))


def references():
    client().register_schema("inner", record("Inner", A))
    outer = record("Outer", {"name": "inner", "type": "Inner"})
    outer = Schema(outer.schema_str, "AVRO", [SchemaReference("Inner", "inner", 1)])
    outer_id = client().register_schema("outer", outer)
    equal(client().get_schema(outer_id).references[0].subject, "inner")
    equal(requests.get(f"{URL}/subjects/inner/versions/1/referencedby").json(), [outer_id])
    refused(42206, lambda: client().delete_subject("inner"))
    equal(client().lookup_schema("outer", outer).schema_id, outer_id)
    missing = Schema(outer.schema_str, "AVRO", [SchemaReference("Inner", "nobody", 1)])
    refused(42201, lambda: client().register_schema("outer", missing))


def modes():
    put = lambda mode: requests.put(f"{URL}/mode/frozen", json={"mode": mode})
    equal(put("READONLY").json(), {"mode": "READONLY"})
    refused(42205, lambda: client().register_schema("frozen", record("F", A)))
    equal(put("IMPORT").status_code, 200)
    body = {"schema": record("F", A).schema_str, "id": 4711, "version": 3}
    response = requests.post(f"{URL}/subjects/frozen/versions", json=body)
    equal(response.json()["id"], 4711)
    equal(client().get_schema(4711).schema_type, "AVRO")
    equal(client().get_versions("frozen"), [3])
    equal(put("SIDEWAYS").json()["error_code"], 42204)
    equal(requests.delete(f"{URL}/mode/frozen").json(), {"mode": "IMPORT"})


def contexts():
    subject = ":.staging:users-value"
    equal(client().register_schema(subject, record("User", C)), 1)
    equal(requests.get(f"{URL}/contexts").json(), [".", ".staging"])
    equal(requests.get(f"{URL}/contexts/.staging/subjects").json(), [subject])
    equal(requests.get(f"{URL}/contexts/.staging/schemas/ids/1").json()["schemaType"], "AVRO")
    equal(client().get_schema(1, subject_name=subject).schema_str, record_text("User", C))


def record_text(name, *fields):
    return json.dumps(json.loads(record(name, *fields).schema_str), separators=(",", ":"))


def normalizes():
    text = '{"type":"record","name":"N","fields":[{"name":"a","type":"int","z":1,"b":2}]}'
    other = '{"type":"record","name":"N","fields":[{"name":"a","type":"int","b":2,"z":1}]}'
    first = client().register_schema("norm", Schema(text, "AVRO"), normalize_schemas=True)
    again = client().register_schema("norm", Schema(other, "AVRO"), normalize_schemas=True)
    equal(again, first)


def over_the_log(topic, to_bytes, from_bytes, values):
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    for future in admin.create_topics([NewTopic(topic, 1, 1)]).values():
        future.result()
    context = SerializationContext(topic, MessageField.VALUE)
    producer = Producer({"bootstrap.servers": BOOTSTRAP})
    for value in values:
        producer.produce(topic, to_bytes(value, context))
    producer.flush(20)
    settings = {"group.id": topic, "auto.offset.reset": "earliest"}
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, **settings})
    consumer.subscribe([topic])
    read = []
    while len(read) < len(values):
        message = consumer.poll(20)
        if message is None or message.error():
            raise AssertionError(f"only {len(read)} records came")
        read.append(from_bytes(message.value(), context))
    consumer.close()
    return read


def avro_values():
    values = [{"a": 1, "b": "one"}, {"a": 2, "b": "two"}]
    schema = record("AvroValue", A, B).schema_str
    to_bytes, from_bytes = AvroSerializer(client(), schema), AvroDeserializer(client())
    equal(over_the_log("avro", to_bytes, from_bytes, values), values)
    newer = record("AvroValue", A, B, {**C, "default": 7}).schema_str
    reader = AvroDeserializer(client(), newer)
    equal(over_the_log("avro-newer", to_bytes, reader, values)[0], {**values[0], "c": 7})


def json_values():
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Person",
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    values = [{"name": "Ada", "age": 36}, {"name": "Grace"}]
    to_bytes = JSONSerializer(json.dumps(schema), client())
    from_bytes = JSONDeserializer(None, schema_registry_client=client())
    equal(over_the_log("json", to_bytes, from_bytes, values), values)
    changed = {**schema, "properties": {"name": {"type": "integer"}}}
    changed = Schema(json.dumps(changed), "JSON")
    equal(client().test_compatibility("json-value", changed), False)
    refused(40901, lambda: client().register_schema("json-value", changed))


def protobuf_values():
    values = [timestamp_pb2.Timestamp(seconds=5, nanos=6)]
    settings = {"use.deprecated.format": False}
    to_bytes = ProtobufSerializer(timestamp_pb2.Timestamp, client(), settings)
    from_bytes = ProtobufDeserializer(timestamp_pb2.Timestamp, settings)
    equal(over_the_log("protobuf", to_bytes, from_bytes, values), values)
    stored = client().get_latest_version("protobuf-value")
    equal("message Timestamp {" in stored.schema.schema_str, True)
    serialized = client().get_schema(stored.schema_id, fmt="serialized").schema_str
    import base64

    file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(serialized))
    equal([field.name for field in file.message_type[0].field], ["seconds", "nanos"])
    # Refers to another file, which the serializer registers too.
    api = ProtobufSerializer(descriptor_pb2.FileDescriptorSet, client(), settings)
    context = SerializationContext("descriptors", MessageField.VALUE)
    equal(len(api(descriptor_pb2.FileDescriptorSet(), context)) >= 5, True)


def protobuf_evolution():
    proto = 'syntax = "proto3"; package p; message M { string a = 1; %s }'
    client().register_schema("proto", Schema(proto % "", "PROTOBUF"))
    client().register_schema("proto", Schema(proto % "int32 b = 2;", "PROTOBUF"))
    wrong = Schema(proto.replace("string a", "int32 a") % "", "PROTOBUF")
    refused(40901, lambda: client().register_schema("proto", wrong))
    unknown = Schema('syntax = "proto3"; message M { Nobody a = 1; }', "PROTOBUF")
    refused(42201, lambda: client().register_schema("proto-unknown", unknown))


check("registers, and finds again by id, version and schema", registers)
check("refuses with Confluent's error codes", refuses)
check("compatibility levels", compatibility)
check("deletes softly and for good", deletes)
check("references", references)
check("modes, and import with ids", modes)
check("contexts", contexts)
check("normalisation", normalizes)
check("Avro values over the log, read by a newer schema", avro_values)
check("JSON Schema values over the log", json_values)
check("Protobuf values over the log, and schemas as descriptors", protobuf_values)
check("Protobuf schemas change", protobuf_evolution)
sys.exit(0 if failures == 0 else 1)
