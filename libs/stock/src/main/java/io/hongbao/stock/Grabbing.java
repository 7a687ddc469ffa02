package io.hongbao.stock;

/** Who waits for the answer to a grab. Exactly one of the two is told, once. */
public interface Grabbing {
    void answered(GrabAnswer answer);

    /** Redis could not say; see StockUnavailableException. */
    void failed(StockUnavailableException failure);
}
