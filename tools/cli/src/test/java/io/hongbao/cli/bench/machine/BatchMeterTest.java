package io.hongbao.cli.bench.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BatchMeterTest {
    @Test
    void shouldReadTheMeterOfBatches() {
        var meter = BatchMeter.parse("""
                # HELP hongbao_open_batch_shares Shares in one committed batch
                hongbao_open_batch_shares_count 20.0
                hongbao_open_batch_shares_sum 5000.0
                hongbao_open_batch_shares_max 512.0
                """);

        assertEquals(new BatchMeter(20, 5_000), meter);
    }

    @Test
    void shouldTellTheMeanSinceThen() {
        assertEquals(300, new BatchMeter(30, 8_000).meanSince(new BatchMeter(20, 5_000)));
        assertEquals(0, new BatchMeter(20, 5_000).meanSince(new BatchMeter(20, 5_000)));
    }

    @Test
    void shouldReadNothingFromAServiceWithoutBatches() {
        assertEquals(new BatchMeter(0, 0), BatchMeter.parse("jvm_threads_live_threads 12.0\n"));
    }
}
