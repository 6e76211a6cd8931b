"""Confluent's serializers for Python beside Millrace's converters, over one schema registry and one log.

serializers.py BOOTSTRAP REGISTRY_URL REST_URL FOLDER; prints one line for each check: `ok NAME` or `not ok NAME # why`.
"""

import json
import os
import sys
import time
import traceback
import urllib.request

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

BOOTSTRAP, REGISTRY, REST, FOLDER = sys.argv[1:5]
DEADLINE_S = 30
registry = SchemaRegistryClient({"url": REGISTRY})
failures = 0

AVRO = """{"type":"record","name":"Order","namespace":"x","fields":[
  {"name":"id","type":"long"},
  {"name":"note","type":["null","string"],"default":null},
  {"name":"tags","type":{"type":"array","items":"string"}},
  {"name":"color","type":{"type":"enum","name":"Color","symbols":["RED","BLUE"]}}]}"""
JSON = """{"$schema":"http://json-schema.org/draft-07/schema#","title":"Order","type":"object","properties":{
  "id":{"type":"integer","connect.index":0},"note":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":1},
  "tags":{"type":"array","items":{"type":"string"},"connect.index":2},
  "color":{"type":"string","connect.index":3}}}"""
ORDERS = [
    {"id": 2**53 - 1, "note": "a\u00e4\u65e5", "tags": ["x", ""], "color": "BLUE"},
    {"id": -1, "note": None, "tags": [], "color": "RED"},
]
LINES = ["one", "zw\u00f6lf", ""]


def message_class(name, fields):
    """A message type that nobody generated: Python's own runtime reads and writes it."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", syntax="proto3")
    message = file.message_type.add(name=name)
    kinds = descriptor_pb2.FieldDescriptorProto
    for number, (field, kind, label) in enumerate(fields, 1):
        message.field.add(
            name=field, number=number, type=getattr(kinds, f"TYPE_{kind}"), label=getattr(kinds, f"LABEL_{label}")
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


OrderMessage = message_class(
    "Order",
    [
        ("id", "INT64", "OPTIONAL"),
        ("note", "STRING", "OPTIONAL"),
        ("tags", "STRING", "REPEATED"),
        ("color", "STRING", "OPTIONAL"),
    ],
)
LineMessage = message_class("Line", [("line", "STRING", "OPTIONAL")])
PROTO = {"use.deprecated.format": False}


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


def until(what, condition):
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        found = condition()
        if found is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError(what)


def rest(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(REST + path, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read()


def connect(name, config):
    rest("PUT", f"/connectors/{name}/config", config)


def converter(class_name):
    return {"value.converter": class_name, "value.converter.schema.registry.url": REGISTRY}


def produce(topic, values, serialize):
    producer = Producer({"bootstrap.servers": BOOTSTRAP})
    context = SerializationContext(topic, MessageField.VALUE)
    for value in values:
        producer.produce(topic, serialize(value, context))
    if producer.flush(DEADLINE_S) > 0:
        raise TimeoutError("flush")


def consume(topic, count, deserialize):
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": f"g-{topic}", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    context = SerializationContext(topic, MessageField.VALUE)
    found = []

    def poll():
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            found.append(deserialize(message.value(), context))
        return found if len(found) >= count else None

    try:
        return until(f"{count} records of {topic}", poll)
    finally:
        consumer.close()


def written_by_python(name, class_name, serialize, expected):
    """Python's serializer → log → Millrace's converter → a sink's file."""
    topic = f"py-{name}"
    file = os.path.join(FOLDER, f"{topic}.txt")
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    for future in admin.create_topics([NewTopic(topic, 1, 1)]).values():
        future.result(DEADLINE_S)
    produce(topic, ORDERS, serialize)
    connect(
        topic,
        {
            "connector.class": "FileStreamSink",
            "topics": topic,
            "file": file,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            **converter(class_name),
        },
    )

    def lines():
        text = open(file, encoding="utf-8").read() if os.path.exists(file) else ""
        return [json.loads(line) for line in text.splitlines()] if text.count("\n") >= len(expected) else None

    found = until(f"{len(expected)} lines of {file}", lines)
    assert found == expected, found


def read_by_python(name, class_name, deserialize, value_of):
    """A source's lines → Millrace's converter → log → Python's deserializer."""
    topic = f"millrace-{name}"
    file = os.path.join(FOLDER, f"{topic}.txt")
    with open(file, "w", encoding="utf-8") as target:
        target.write("".join(f"{line}\n" for line in LINES))
    connect(
        topic,
        {
            "connector.class": "FileStreamSource",
            "topic": topic,
            "file": file,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "transforms": "struct,name",
            "transforms.struct.type": "org.apache.kafka.connect.transforms.HoistField$Value",
            "transforms.struct.field": "line",
            "transforms.name.type": "org.apache.kafka.connect.transforms.SetSchemaMetadata$Value",
            "transforms.name.schema.name": "Line",
            **converter(class_name),
        },
    )
    found = [value_of(value) for value in consume(topic, len(LINES), deserialize)]
    assert found == LINES, found


# Without `optional`, Protobuf can not tell a string that was never set from an empty one.
BLANK_NOTES = [{**order, "note": order["note"] or ""} for order in ORDERS]
AVRO_CLASS = "io.confluent.connect.avro.AvroConverter"
PROTOBUF_CLASS = "io.confluent.connect.protobuf.ProtobufConverter"
JSON_CLASS = "io.confluent.connect.json.JsonSchemaConverter"

proto_serializer = ProtobufSerializer(OrderMessage, registry, PROTO)


def order_message(order, context):
    present = {key: value for key, value in order.items() if value is not None}
    return proto_serializer(OrderMessage(**present), context)


check("avro of Python is read", lambda: written_by_python("avro", AVRO_CLASS, AvroSerializer(registry, AVRO), ORDERS))
check(
    "protobuf of Python is read",
    lambda: written_by_python(
        "protobuf",
        PROTOBUF_CLASS,
        order_message,
        BLANK_NOTES,
    ),
)
check(
    "json schema of Python is read",
    lambda: written_by_python("json", JSON_CLASS, JSONSerializer(JSON, registry), ORDERS),
)
check(
    "avro of Millrace is read",
    lambda: read_by_python("avro", AVRO_CLASS, AvroDeserializer(registry), lambda value: value["line"]),
)
check(
    "protobuf of Millrace is read",
    lambda: read_by_python(
        "protobuf", PROTOBUF_CLASS, ProtobufDeserializer(LineMessage, PROTO, registry), lambda value: value.line
    ),
)
check(
    "json schema of Millrace is read",
    lambda: read_by_python(
        "json", JSON_CLASS, JSONDeserializer(None, schema_registry_client=registry), lambda value: value["line"]
    ),
)


def registered_once():
    for name in ("avro", "protobuf", "json"):
        versions = registry.get_versions(f"millrace-{name}-value")
        assert versions == [1], versions


check("each schema was registered once", registered_once)
sys.exit(1 if failures else 0)
