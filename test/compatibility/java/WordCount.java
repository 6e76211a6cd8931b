import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Counts words with exactly-once processing, stops in the middle and goes on in a second instance,
 * then compares the counts that a reader of committed records sees. WordCount BOOTSTRAP STATE_FOLDER
 */
public class WordCount {
    private static final List<String> WORDS = List.of("apple", "pear", "plum", "quince", "fig");
    private static final int LINES = 400;
    private static final String INPUT = "words";
    private static final String OUTPUT = "counts";

    public static void main(String[] args) throws Exception {
        String bootstrap = args[0];
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(INPUT, 2, (short) 1), new NewTopic(OUTPUT, 2, (short) 1))).all().get();
        }
        produce(bootstrap, 0, LINES / 2);
        runUntil(bootstrap, args[1] + "/first", LINES / 2);
        produce(bootstrap, LINES / 2, LINES);
        runUntil(bootstrap, args[1] + "/second", LINES);
        System.out.println("ok word count with exactly_once_v2 over a restart");
    }

    private static void produce(String bootstrap, int from, int to) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            for (int line = from; line < to; line++)
                producer.send(new ProducerRecord<>(INPUT, "line-" + line, String.join(" ", WORDS)));
        }
    }

    private static void runUntil(String bootstrap, String folder, long count) throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(INPUT)
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
            .count()
            .toStream()
            .to(OUTPUT, Produced.with(Serdes.String(), Serdes.Long()));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "word-count");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, folder);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        properties.put("auto.offset.reset", "earliest");
        properties.put("session.timeout.ms", 10_000);
        try (KafkaStreams streams = new KafkaStreams(builder.build(), properties)) {
            streams.start();
            Map<String, Long> counts = readUntil(bootstrap, count);
            for (String word : WORDS)
                if (counts.get(word) != count)
                    throw new IllegalStateException(word + " was counted " + counts.get(word) + " times, not " + count);
        }
    }

    private static Map<String, Long> readUntil(String bootstrap, long count) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", "reader-" + count);
        properties.put("auto.offset.reset", "earliest");
        properties.put("isolation.level", "read_committed");
        Map<String, Long> counts = new HashMap<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        try (KafkaConsumer<String, Long> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new LongDeserializer())) {
            consumer.subscribe(List.of(OUTPUT));
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<String, Long> record : consumer.poll(Duration.ofMillis(200))) {
                    Long before = counts.put(record.key(), record.value());
                    if (before != null && before >= record.value())
                        throw new IllegalStateException(record.key() + " went from " + before + " to " + record.value());
                }
                if (WORDS.stream().allMatch(word -> counts.getOrDefault(word, 0L) >= count)) return counts;
            }
        }
        throw new IllegalStateException("the counts did not arrive: " + counts);
    }
}
