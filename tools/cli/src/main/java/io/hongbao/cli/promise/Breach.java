package io.hongbao.cli.promise;

/**
 * A promise that does not hold.
 *
 * @param packetId the packet it does not hold for, or 0 for the ledger as a whole
 * @param what the numbers that do not fit
 */
public record Breach(Promise promise, long packetId, String what) {
    @Override
    public String toString() {
        return promise + (packetId == 0 ? "" : ", packet " + packetId) + ": " + what;
    }
}
