package io.hongbao.query.records;

import io.hongbao.core.id.PacketId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** A user's lists and totals. They may lag behind the orders by what is on its way through Kafka. */
@ApplicationScoped
public class UserRecords {
    /**
     * A place in a list that runs from the newest to the oldest.
     *
     * @param timeMicros microseconds since 1970
     * @param packetId orders what happened at one time
     */
    public record Position(long timeMicros, long packetId) {
        /** Before everything. */
        public static final Position NEWEST =
                new Position(micros(Instant.parse("9999-12-31T23:59:59Z")), Long.MAX_VALUE);

        public static Position of(SentRecord record) {
            return new Position(micros(record.publishedAt), record.packetId);
        }

        public static Position of(ReceivedRecord record) {
            return new Position(micros(record.openedAt), record.packetId);
        }

        private Instant time() {
            return Instant.EPOCH.plus(timeMicros, ChronoUnit.MICROS);
        }

        private static long micros(Instant time) {
            return ChronoUnit.MICROS.between(Instant.EPOCH, time);
        }
    }

    /** Totals of what a user sent and received. */
    public record Totals(
            long sentCount, long sentFen, long refundFen, long receivedCount, long receivedFen, long bestLuckCount) {}

    private final RecordsDatabase database;

    public UserRecords(RecordsDatabase database) {
        this.database = database;
    }

    /** What a user sent, newest first, strictly behind {@code after}. */
    public Uni<List<SentRecord>> sent(String userId, Position after, int countMax) {
        return page(RecordsSql.SENT_PAGE, SentRecord.class, userId, after, countMax);
    }

    /** What a user received, newest first, strictly behind {@code after}. */
    public Uni<List<ReceivedRecord>> received(String userId, Position after, int countMax) {
        return page(RecordsSql.RECEIVED_PAGE, ReceivedRecord.class, userId, after, countMax);
    }

    /** Totals of a calendar year in the time zone of the packets. */
    public Uni<Totals> totals(String userId, int year) {
        Instant from = beginOf(year);
        Instant until = beginOf(year + 1);
        return database.read(() -> Panache.withSession(() -> Panache.getSession()
                .flatMap(session -> sums(session, RecordsSql.SENT_TOTALS, userId, from, until)
                        .flatMap(sent -> sums(session, RecordsSql.RECEIVED_TOTALS, userId, from, until)
                                .map(received -> new Totals(
                                        (Long) sent[0],
                                        (Long) sent[1],
                                        (Long) sent[2],
                                        (Long) received[0],
                                        (Long) received[1],
                                        (Long) received[2]))))));
    }

    private <T> Uni<List<T>> page(String query, Class<T> type, String userId, Position after, int countMax) {
        return database.read(() -> Panache.withSession(() -> Panache.getSession()
                .flatMap(session -> session.createNativeQuery(query, type)
                        .setParameter(1, userId)
                        .setParameter(2, after.time())
                        .setParameter(3, after.packetId())
                        .setParameter(4, countMax)
                        .getResultList())));
    }

    private static Uni<Object[]> sums(
            Mutiny.Session session, String query, String userId, Instant from, Instant until) {
        return session.createNativeQuery(query, Object[].class)
                .setParameter(1, userId)
                .setParameter(2, from)
                .setParameter(3, until)
                .getSingleResult();
    }

    private static Instant beginOf(int year) {
        return LocalDate.of(year, 1, 1).atStartOfDay(PacketId.ZONE).toInstant();
    }
}
