package io.hongbao.wallet.ledger;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_REQUEST_ID_REUSED;
import static io.hongbao.wallet.TestLedger.await;
import static io.hongbao.wallet.TestLedger.newUser;
import static io.hongbao.wallet.TestLedger.race;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.kit.Refusal;
import io.hongbao.wallet.TestLedger;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgBuilder;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deposits against a real ledger. */
class DepositStoreTest {
    private final TestLedger ledger = TestLedger.shared();

    @AfterEach
    void booksBalance() {
        ledger.assertBooksBalance();
    }

    @Test
    void shouldDepositOnceWhenTwentyAskAtOnce() {
        // given
        String user = newUser("user");
        // when
        var outcomes = race(20, i -> ledger.deposits.deposit(user, "r1", 500));
        // then
        assertEquals(
                1,
                outcomes.stream().filter(o -> !o.item().orElseThrow().replay()).count());
        assertEquals(500, ledger.balanceFen("user:" + user));
    }

    @Test
    void shouldRefuseTheSameRequestWithAnotherAmount() {
        // given
        String user = newUser("user");
        await(ledger.deposits.deposit(user, "r1", 500));
        // when
        var refusal = assertThrows(Refusal.class, () -> await(ledger.deposits.deposit(user, "r1", 501)));
        // then
        assertEquals(ERROR_REASON_REQUEST_ID_REUSED, refusal.reason());
        assertEquals(500, ledger.balanceFen("user:" + user));
    }

    @Test
    void shouldTellApartUsersAndRequestsWithColons() {
        // given
        String user = newUser("a");
        await(ledger.deposits.deposit(user + ":b", "c", 500));
        // when
        var other = await(ledger.deposits.deposit(user, "b:c", 500));
        // then
        assertFalse(other.replay());
    }

    @Test
    void shouldSayThatTheLedgerIsAway() {
        // given
        var nowhere = new Ledger(
                Pool.newInstance(PgBuilder.pool()
                        .connectingTo("postgresql://u:p@127.0.0.1:1/ledger")
                        .build()),
                ledger.metrics);
        // when
        var refusal = assertThrows(Refusal.class, () -> await(new DepositStore(nowhere).deposit("user", "r1", 1)));
        // then
        assertEquals(ERROR_REASON_DEPENDENCY_UNAVAILABLE, refusal.reason());
        assertEquals(Map.of("dependency", "ledger"), refusal.metadata());
    }
}
