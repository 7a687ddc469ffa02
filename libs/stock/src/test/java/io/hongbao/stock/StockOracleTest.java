package io.hongbao.stock;

import static io.hongbao.stock.GrabAnswer.Denied.*;
import static io.hongbao.stock.TestStock.GROUP;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.core.id.PacketId;
import io.hongbao.stock.GrabAnswer.Leased;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The function library beside a naive model over 10,000 random commands; a seed reproduces any failure. */
class StockOracleTest {
    private static final int COMMAND_COUNT = 10_000;
    private static final int PACKET_COUNT = 12;
    private static final int USER_COUNT = 9;
    private static final String SEED_PROPERTY = "hongbao.test.seed";

    @Test
    void shouldAnswerAsTheModelDoes() throws Exception {
        long seed = Long.getLong(SEED_PROPERTY, System.nanoTime());
        System.out.println("StockOracleTest -D" + SEED_PROPERTY + "=" + seed);
        var random = new Random(seed);
        try (var redis = new LocalRedis();
                var stock = new TestStock(redis)) {
            var model = new HashMap<PacketId, Model>();
            List<PacketId> packets = new ArrayList<>();
            var trail = new ArrayList<String>();
            for (int i = 0; i < COMMAND_COUNT; i++) {
                if (packets.size() < PACKET_COUNT || random.nextInt(200) == 0) {
                    PacketId fresh = stock.newPacketId();
                    model.put(fresh, new Model());
                    packets.add(fresh);
                    if (packets.size() > PACKET_COUNT) {
                        packets.removeFirst();
                    }
                }
                PacketId packet = packets.get(random.nextInt(packets.size()));
                Model expected = model.get(packet);
                String user = "user-" + random.nextInt(USER_COUNT);
                long now = stock.nowMillis;
                int dice = random.nextInt(100);
                String what;
                Object wanted;
                Object got;
                if (dice < 60) {
                    String group = random.nextInt(20) == 0 ? "group-2" : GROUP;
                    Duration lease = Duration.ofMillis(1 + random.nextInt(5_000));
                    what = "grab " + packet + " " + user + " " + group + " " + lease;
                    wanted = expected.grab(now, user, group, lease.toMillis());
                    got = stock.run(stock.client.grab(packet, user, group, lease));
                } else if (dice < 75) {
                    what = "opened " + packet + " " + user;
                    wanted = expected.opened(user);
                    got = stock.run(stock.client.opened(packet, user));
                } else if (dice < 82) {
                    Stock load = randomStock(random, packet, now, true);
                    what = "publish " + load;
                    wanted = expected.publish(load);
                    got = stock.run(stock.client.publish(load));
                } else if (dice < 86) {
                    Stock truth = randomStock(random, packet, now, false);
                    if (expected.known) {
                        truth = new Stock(
                                packet,
                                expected.group,
                                expected.user,
                                expected.shareCount,
                                random.nextInt(expected.shareCount + 1),
                                expected.expiresAt);
                    }
                    what = "heal " + truth;
                    wanted = expected.heal(now, truth);
                    got = stock.run(stock.client.heal(truth));
                } else if (dice < 88) {
                    FinalMark mark = random.nextBoolean() ? FinalMark.FINISHED : FinalMark.REFUNDED;
                    String group = random.nextBoolean() ? GROUP : "";
                    what = "finish " + packet + " " + mark + " " + group;
                    wanted = expected.finish(mark, group);
                    got = stock.run(stock.client.finish(packet, mark, group));
                } else {
                    Duration by = Duration.ofMillis(random.nextInt(2_000));
                    what = "advance " + by;
                    wanted = got = "";
                    stock.advance(by);
                }
                trail.add(what + " -> " + wanted);
                int step = i;
                assertEquals(
                        wanted,
                        got,
                        () -> "seed " + seed + ", command " + step + ": "
                                + trail.stream()
                                        .filter(line -> line.contains(packet.toString()))
                                        .toList());
            }
        }
    }

    private static Stock randomStock(Random random, PacketId packet, long now, boolean full) {
        int shareCount = 1 + random.nextInt(6);
        return new Stock(
                packet,
                GROUP,
                random.nextInt(6) == 0 ? "user-" + random.nextInt(USER_COUNT) : "",
                shareCount,
                full ? shareCount : random.nextInt(shareCount + 1),
                Instant.ofEpochMilli(now + 5_000 + random.nextInt(600_000)));
    }

    /** A packet's stock told as plainly as possible. */
    private static final class Model {
        boolean known;
        String group = "";
        String user = "";
        int shareCount;
        Instant expiresAt = Instant.EPOCH;
        int stock;
        int openedCount;
        FinalMark mark;
        final Map<String, Long> leases = new TreeMap<>();
        final List<String> opened = new ArrayList<>();

        GrabAnswer grab(long now, String who, String fromGroup, long leaseMillis) {
            if (!known && mark == null) {
                return UNKNOWN_PACKET;
            }
            if (!group.isEmpty() && !group.equals(fromGroup)) {
                return OTHER_GROUP;
            }
            if (!user.isEmpty() && !user.equals(who)) {
                return NOT_FOR_YOU;
            }
            if (mark != null) {
                return mark == FinalMark.FINISHED ? FINISHED : REFUNDED;
            }
            if (now >= expiresAt.toEpochMilli()) {
                return PAST_EXPIRY;
            }
            if (opened.contains(who)) {
                return ALREADY_OPENED;
            }
            Long mine = leases.get(who);
            if (mine != null && mine > now) {
                return new Leased(mine, true);
            }
            if (mine == null) {
                if (stock <= 0) {
                    int before = leases.size();
                    leases.values().removeIf(until -> until <= now);
                    stock += before - leases.size();
                }
                if (stock <= 0) {
                    return SOLD_OUT;
                }
                stock--;
            }
            leases.put(who, now + leaseMillis);
            return new Leased(now + leaseMillis, false);
        }

        boolean publish(Stock load) {
            if (known) {
                return false;
            }
            known = true;
            group = load.groupId();
            user = load.exclusiveUserId();
            shareCount = load.shareCount();
            expiresAt = load.expiresAt();
            stock = load.surplusCount();
            openedCount = load.shareCount() - load.surplusCount();
            return mark == null;
        }

        boolean opened(String who) {
            if (!known || mark != null || opened.contains(who) || openedCount >= shareCount) {
                return false;
            }
            opened.add(who);
            openedCount++;
            if (leases.remove(who) == null) {
                stock--;
            }
            return true;
        }

        boolean finish(FinalMark with, String inGroup) {
            if (mark != null) {
                return false;
            }
            mark = with;
            if (!known) {
                group = inGroup;
            }
            return true;
        }

        long heal(long now, Stock truth) {
            if (mark != null) {
                return 0;
            }
            if (!known) {
                publish(truth);
                return stock;
            }
            leases.values().removeIf(until -> until <= now);
            int before = stock;
            stock = truth.surplusCount() - leases.size();
            openedCount = shareCount - truth.surplusCount();
            return stock - before;
        }
    }
}
