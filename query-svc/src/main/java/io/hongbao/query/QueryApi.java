package io.hongbao.query;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_LISTS_OFF;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_YEAR_OUT_OF_RANGE;

import io.hongbao.control.Control;
import io.hongbao.control.Switch;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Input;
import io.hongbao.kit.PageToken;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.ShareRow;
import io.hongbao.query.QueryMetrics.Read;
import io.hongbao.query.packet.Greetings;
import io.hongbao.query.packet.PacketMessages;
import io.hongbao.query.packet.PacketReader;
import io.hongbao.query.records.RecordMessages;
import io.hongbao.query.records.UserRecords;
import io.hongbao.query.records.UserRecords.Position;
import io.hongbao.v1.ErrorReason;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetPacketResponse;
import io.hongbao.v1.GetUserSummaryRequest;
import io.hongbao.v1.GetUserSummaryResponse;
import io.hongbao.v1.ListReceivedSharesRequest;
import io.hongbao.v1.ListReceivedSharesResponse;
import io.hongbao.v1.ListSentPacketsRequest;
import io.hongbao.v1.ListSentPacketsResponse;
import io.hongbao.v1.ListSharesRequest;
import io.hongbao.v1.ListSharesResponse;
import io.hongbao.v1.QueryService;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The contract of query.proto: checks what callers send, reads, and puts the answer into words. */
@GrpcService
public class QueryApi implements QueryService {
    static final int SHARES_DEFAULT = 100;
    /** A whole packet fits on one page. */
    static final int SHARES_MAX = 500;

    static final int RECORDS_DEFAULT = 20;
    /** One page is one short index scan and a small message. */
    static final int RECORDS_MAX = 100;

    static final int YEAR_MIN = 2020;
    static final int YEAR_MAX = 9999;

    private final PacketReader packets;
    private final Greetings greetings;
    private final UserRecords records;
    private final Control control;
    private final QueryMetrics metrics;
    private final int region;
    private final PageToken pageToken;

    public QueryApi(
            PacketReader packets,
            Greetings greetings,
            UserRecords records,
            Control control,
            QueryMetrics metrics,
            @ConfigProperty(name = "hongbao.region") int region,
            @ConfigProperty(name = "hongbao.page-token.secret") String pageTokenSecretHex) {
        this.packets = packets;
        this.greetings = greetings;
        this.records = records;
        this.control = control;
        this.metrics = metrics;
        this.region = region;
        this.pageToken = new PageToken(HexFormat.of().parseHex(pageTokenSecretHex));
    }

    @Override
    public Uni<GetPacketResponse> getPacket(GetPacketRequest request) {
        return measured(Read.PACKET, () -> {
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            String userId = request.getUserId().isEmpty() ? "" : Input.userId(request.getUserId());
            return packets.read(id).map(packet -> {
                GetPacketResponse.Builder answer = GetPacketResponse.newBuilder()
                        .setPacket(PacketMessages.packet(packet, greetings.told(packet.row())));
                packet.shareOf(userId).ifPresent(share -> answer.setOwnShare(PacketMessages.share(packet, share)));
                return answer.build();
            });
        });
    }

    @Override
    public Uni<ListSharesResponse> listShares(ListSharesRequest request) {
        return measured(Read.SHARES, () -> {
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            int pageSize = Input.pageSize(request.getPageSize(), SHARES_DEFAULT, SHARES_MAX);
            String list = "shares/" + id;
            long after = request.getPageToken().isEmpty() ? 0 : pageToken.decode(list, request.getPageToken(), 1)[0];
            return packets.read(id).map(packet -> {
                List<ShareRow> rest = packet.shares().stream()
                        .filter(share -> share.share().sequence() > after)
                        .limit(pageSize + 1L)
                        .toList();
                Page<ShareRow> page = Page.of(
                        rest,
                        pageSize,
                        last -> pageToken.encode(list, last.share().sequence()));
                return ListSharesResponse.newBuilder()
                        .addAllShares(page.rows.stream()
                                .map(share -> PacketMessages.share(packet, share))
                                .toList())
                        .setNextPageToken(page.nextToken)
                        .build();
            });
        });
    }

    @Override
    public Uni<ListSentPacketsResponse> listSentPackets(ListSentPacketsRequest request) {
        return measured(Read.SENT, () -> {
            String userId = Input.userId(request.getUserId());
            int pageSize = Input.pageSize(request.getPageSize(), RECORDS_DEFAULT, RECORDS_MAX);
            requireListsOn();
            String list = "sent/" + userId;
            return records.sent(userId, position(list, request.getPageToken()), pageSize + 1)
                    .map(rows -> Page.of(rows, pageSize, last -> token(list, Position.of(last))))
                    .map(page -> ListSentPacketsResponse.newBuilder()
                            .addAllPackets(page.rows.stream()
                                    .map(RecordMessages::sentPacket)
                                    .toList())
                            .setNextPageToken(page.nextToken)
                            .build());
        });
    }

    @Override
    public Uni<ListReceivedSharesResponse> listReceivedShares(ListReceivedSharesRequest request) {
        return measured(Read.RECEIVED, () -> {
            String userId = Input.userId(request.getUserId());
            int pageSize = Input.pageSize(request.getPageSize(), RECORDS_DEFAULT, RECORDS_MAX);
            requireListsOn();
            String list = "received/" + userId;
            return records.received(userId, position(list, request.getPageToken()), pageSize + 1)
                    .map(rows -> Page.of(rows, pageSize, last -> token(list, Position.of(last))))
                    .map(page -> ListReceivedSharesResponse.newBuilder()
                            .addAllShares(page.rows.stream()
                                    .map(RecordMessages::receivedShare)
                                    .toList())
                            .setNextPageToken(page.nextToken)
                            .build());
        });
    }

    @Override
    public Uni<GetUserSummaryResponse> getUserSummary(GetUserSummaryRequest request) {
        return measured(Read.SUMMARY, () -> {
            String userId = Input.userId(request.getUserId());
            int year = request.getYear();
            if (year < YEAR_MIN || year > YEAR_MAX) {
                throw Refusal.of(ERROR_REASON_YEAR_OUT_OF_RANGE, "year must be " + YEAR_MIN + " to " + YEAR_MAX);
            }
            requireListsOn();
            return records.totals(userId, year)
                    .map(totals -> GetUserSummaryResponse.newBuilder()
                            .setUserId(userId)
                            .setYear(year)
                            .setSentCount(totals.sentCount())
                            .setSentFen(totals.sentFen())
                            .setRefundFen(totals.refundFen())
                            .setReceivedCount(totals.receivedCount())
                            .setReceivedFen(totals.receivedFen())
                            .setBestLuckCount(totals.bestLuckCount())
                            .build());
        });
    }

    /** Packets are told all the same: they are not read from the user records. */
    private void requireListsOn() {
        if (control.now().isOff(Switch.LISTS)) {
            throw Refusal.of(ERROR_REASON_LISTS_OFF, "lists are switched off for a while");
        }
    }

    /** Rows of one page, and where the next one starts; one row more than the page was asked for. */
    private record Page<T>(List<T> rows, String nextToken) {
        static <T> Page<T> of(List<T> rows, int pageSize, Function<T, String> token) {
            return rows.size() <= pageSize
                    ? new Page<>(rows, "")
                    : new Page<>(rows.subList(0, pageSize), token.apply(rows.get(pageSize - 1)));
        }
    }

    private Position position(String list, String token) {
        if (token.isEmpty()) {
            return Position.NEWEST;
        }
        long[] parts = pageToken.decode(list, token, 2);
        return new Position(parts[0], parts[1]);
    }

    private String token(String list, Position position) {
        return pageToken.encode(list, position.timeMicros(), position.packetId());
    }

    private <T> Uni<T> measured(Read read, Supplier<Uni<? extends T>> work) {
        long begin = System.nanoTime();
        return Uni.createFrom()
                .deferred(work)
                .onItem()
                .invoke(() -> metrics.read(read, "ok", Duration.ofNanos(System.nanoTime() - begin)))
                .onFailure()
                .invoke(failure -> metrics.read(read, reason(failure), Duration.ofNanos(System.nanoTime() - begin)));
    }

    private static String reason(Throwable failure) {
        return Refusal.nameOf(
                failure instanceof Refusal refusal ? refusal.reason() : ErrorReason.ERROR_REASON_INTERNAL);
    }
}
