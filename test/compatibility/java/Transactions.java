import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Transactions by the Java client, and groups of both protocols. Transactions BOOTSTRAP */
public class Transactions {
    private static String bootstrap;
    private static Admin admin;

    private interface Check {
        void run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap));
        try (Admin closed = admin) {
            check("committed records are read, aborted ones are not", Transactions::commitAndAbort);
            check("offsets are committed with the transaction", Transactions::offsetsInTransaction);
            check("a newer producer of the same id fences the older one", Transactions::fencing);
            check("an open transaction is described and listed", Transactions::describe);
            check("an idle transaction is aborted after its time-out", Transactions::timeOut);
            check("classic group: two members share a topic, a third joins and leaves", () -> group("classic"));
            check("consumer group (KIP-848): two members share a topic, a third joins and leaves", () -> group("consumer"));
        }
    }

    private static void check(String name, Check check) {
        try {
            check.run();
            System.out.println("ok " + name);
        } catch (Exception | Error error) {
            System.out.println("not ok " + name.replace("#", "") + " # " + error.toString().replace('\n', ' '));
            error.printStackTrace();
        }
    }

    private static void commitAndAbort() throws Exception {
        create("txn-simple", 2);
        try (KafkaProducer<String, String> producer = producer("simple", 60_000)) {
            producer.initTransactions();
            for (int round = 0; round < 10; round++) {
                producer.beginTransaction();
                for (int partition = 0; partition < 2; partition++)
                    producer.send(new ProducerRecord<>("txn-simple", partition, null, "round-" + round));
                producer.flush();
                if (round % 2 == 0) producer.commitTransaction();
                else producer.abortTransaction();
            }
        }
        List<String> committed = read("txn-simple", 2, "read_committed", 10);
        for (int round = 0; round < 10; round++) {
            long seen = committed.stream().filter(("round-" + round)::equals).count();
            expect(seen == (round % 2 == 0 ? 2 : 0), "round " + round + " was read " + seen + " times: " + committed);
        }
        expect(read("txn-simple", 2, "read_uncommitted", 20).size() == 20, "aborted records are there for read_uncommitted");
    }

    private static void offsetsInTransaction() throws Exception {
        create("txn-in", 1);
        create("txn-out", 1);
        try (KafkaProducer<String, String> plain = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            for (int index = 0; index < 50; index++) plain.send(new ProducerRecord<>("txn-in", "in-" + index));
        }
        TopicPartition input = new TopicPartition("txn-in", 0);
        int attempts = 0;
        try (KafkaProducer<String, String> producer = producer("offsets", 60_000)) {
            producer.initTransactions();
            long done = 0;
            while (done < 50 && attempts++ < 40) {
                try (KafkaConsumer<String, String> consumer = consumer("txn-group", "classic", Map.of("max.poll.records", 10))) {
                    consumer.subscribe(List.of("txn-in"));
                    List<ConsumerRecord<String, String>> records = poll(consumer, 1);
                    producer.beginTransaction();
                    long next = 0;
                    for (ConsumerRecord<String, String> record : records) {
                        producer.send(new ProducerRecord<>("txn-out", "out-" + record.value()));
                        next = record.offset() + 1;
                    }
                    producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(next)), consumer.groupMetadata());
                    if (attempts % 3 == 0) {
                        producer.abortTransaction();
                    } else {
                        producer.commitTransaction();
                        done = next;
                    }
                }
            }
        }
        long stored = admin.listConsumerGroupOffsets("txn-group").partitionsToOffsetAndMetadata().get().get(input).offset();
        expect(stored == 50, "the group is at " + stored);
        List<String> out = read("txn-out", 1, "read_committed", 50);
        expect(out.size() == 50 && out.stream().distinct().count() == 50, "each once: " + out);
    }

    private static void fencing() throws Exception {
        create("txn-fenced", 1);
        try (KafkaProducer<String, String> older = producer("fenced", 60_000);
                KafkaProducer<String, String> newer = producer("fenced", 60_000)) {
            older.initTransactions();
            older.beginTransaction();
            older.send(new ProducerRecord<>("txn-fenced", "lost")).get();
            newer.initTransactions();
            try {
                older.send(new ProducerRecord<>("txn-fenced", "lost too"));
                older.commitTransaction();
                throw new IllegalStateException("the older producer could commit");
            } catch (ProducerFencedException | InvalidProducerEpochException expected) {
                // Which one depends on who saw the newer epoch first, the partition or the coordinator.
                newer.beginTransaction();
                newer.send(new ProducerRecord<>("txn-fenced", "kept"));
                newer.commitTransaction();
            }
        }
        expect(read("txn-fenced", 1, "read_committed", 1).equals(List.of("kept")), "only what the newer producer wrote");
    }

    private static void describe() throws Exception {
        create("txn-described", 1);
        try (KafkaProducer<String, String> producer = producer("described", 60_000)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("txn-described", "open")).get();
            TransactionDescription description =
                admin.describeTransactions(List.of("described")).description("described").get();
            expect(description.state().toString().equals("Ongoing"), "state " + description.state());
            expect(description.topicPartitions().contains(new TopicPartition("txn-described", 0)), "partitions " + description.topicPartitions());
            expect(admin.listTransactions().all().get().stream().anyMatch(it -> it.transactionalId().equals("described")), "listed");
            TopicPartition partition = new TopicPartition("txn-described", 0);
            var producers = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
            expect(producers.size() == 1 && producers.get(0).currentTransactionStartOffset().getAsLong() == 0, "producers " + producers);
            producer.abortTransaction();
        }
    }

    private static void timeOut() throws Exception {
        create("txn-idle", 1);
        try (KafkaProducer<String, String> producer = producer("idle", 1000)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("txn-idle", "late")).get();
            try (KafkaProducer<String, String> other = producer("other", 60_000)) {
                other.initTransactions();
                other.beginTransaction();
                other.send(new ProducerRecord<>("txn-idle", "behind it"));
                other.commitTransaction();
            }
            expect(read("txn-idle", 1, "read_committed", 1).equals(List.of("behind it")), "the LSO moved on");
            try {
                producer.commitTransaction();
                throw new IllegalStateException("a transaction that timed out could be committed");
            } catch (org.apache.kafka.common.KafkaException expected) {
                // Which one depends on the version of the transaction protocol.
            }
        }
    }

    private static void group(String protocol) throws Exception {
        String topic = "shared-" + protocol;
        create(topic, 6);
        Map<String, Object> none = Map.of();
        List<String> seen = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer());
                KafkaConsumer<String, String> first = consumer("group-" + protocol, protocol, none);
                KafkaConsumer<String, String> second = consumer("group-" + protocol, protocol, none)) {
            first.subscribe(List.of(topic));
            second.subscribe(List.of(topic));
            untilShares(seen, List.of(first, second), 3);
            for (int index = 0; index < 60; index++) producer.send(new ProducerRecord<>(topic, index % 6, null, "v" + index)).get();
            untilSeen(seen, List.of(first, second), 60);
            first.commitSync();
            second.commitSync();
            try (KafkaConsumer<String, String> third = consumer("group-" + protocol, protocol, none)) {
                third.subscribe(List.of(topic));
                untilShares(seen, List.of(first, second, third), 2);
                third.commitSync();
            }
            untilShares(seen, List.of(first, second), 3);
            for (int index = 60; index < 120; index++) producer.send(new ProducerRecord<>(topic, index % 6, null, "v" + index)).get();
            untilSeen(seen, List.of(first, second), 120);
            expect(seen.size() == 120, "nothing was read twice: " + seen.size());
            var description = admin.describeConsumerGroups(List.of("group-" + protocol)).all().get().get("group-" + protocol);
            expect(description.members().size() == 2, "members " + description.members().size());
            expect(description.type().toString().equalsIgnoreCase(protocol), "type " + description.type());
        }
    }

    private static void untilShares(List<String> seen, List<KafkaConsumer<String, String>> members, int share) {
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (System.nanoTime() < deadline) {
            for (KafkaConsumer<String, String> member : members) collect(seen, member);
            if (members.stream().allMatch(member -> member.assignment().size() == share)) return;
        }
        throw new IllegalStateException("no even shares: " + members.stream().map(KafkaConsumer::assignment).toList());
    }

    private static void untilSeen(List<String> seen, List<KafkaConsumer<String, String>> members, int count) {
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (System.nanoTime() < deadline && seen.stream().distinct().count() < count)
            for (KafkaConsumer<String, String> member : members) collect(seen, member);
        expect(seen.stream().distinct().count() == count, "read " + seen.stream().distinct().count() + " of " + count);
    }

    private static void collect(List<String> seen, KafkaConsumer<String, String> member) {
        for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(100))) seen.add(record.value());
    }

    private static List<ConsumerRecord<String, String>> poll(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (records.size() < count && System.nanoTime() < deadline)
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) records.add(record);
        return records;
    }

    /** Everything of the topic up to its end as this reader sees it, at least `count` records. */
    private static List<String> read(String topic, int partitions, String isolation, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(null, "classic", Map.of("isolation.level", isolation))) {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) all.add(new TopicPartition(topic, partition));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            List<ConsumerRecord<String, String>> records = poll(consumer, count);
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) records.add(record);
            return records.stream().map(ConsumerRecord::value).toList();
        }
    }

    private static KafkaProducer<String, String> producer(String id, int timeoutMs) {
        return new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrap, "transactional.id", id, "transaction.timeout.ms", timeoutMs),
            new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(String group, String protocol, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("bootstrap.servers", bootstrap);
        properties.put("auto.offset.reset", "earliest");
        properties.put("group.protocol", protocol);
        properties.put("enable.auto.commit", group != null && !more.containsKey("max.poll.records"));
        if (protocol.equals("classic")) {
            properties.put("heartbeat.interval.ms", 200);
            properties.put("session.timeout.ms", 10_000);
            properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        }
        if (group != null) properties.put("group.id", group);
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private static void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }

    private static void expect(boolean isTrue, String what) {
        if (!isTrue) throw new IllegalStateException(what);
    }
}
