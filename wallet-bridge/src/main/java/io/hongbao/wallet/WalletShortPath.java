package io.hongbao.wallet;

import io.grpc.ServerInterceptor;
import io.hongbao.kit.ShortPath;
import io.hongbao.v1.WalletServiceBean;
import io.hongbao.v1.WalletServiceGrpc;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/**
 * What every packet that is sent asks for takes the short path. None of it reads entities, whose session needs the
 * framework's context.
 */
@Singleton
@Unremovable
public class WalletShortPath extends ShortPath {
    WalletShortPath(@Any Instance<WalletServiceBean> wallet, @Any Instance<ServerInterceptor> interceptors) {
        super(
                wallet.get(),
                interceptors,
                WalletServiceGrpc.getCreatePaymentMethod(),
                WalletServiceGrpc.getConfirmPaymentMethod(),
                WalletServiceGrpc.getGetPaymentMethod());
    }
}
