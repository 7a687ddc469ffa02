package io.hongbao.client.resolve;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fixed list of servers: {@code hongbao-static:///10.0.0.1:9103,10.0.0.2:9103}. A server without a port has the port
 * of the next one that has one, so that {@code hongbao-static:///a,b,c:9103} is three servers on one port; the last one
 * must have a port. IPv6 addresses stand in brackets. The list may also stand where a URI has its authority (two slashes
 * in place of three), where frameworks that put a target together from a host and a port leave it.
 */
public final class StaticNameResolverProvider extends NameResolverProvider {
    public static final String SCHEME = "hongbao-static";

    /** In the middle of grpc's range of 0 to 10, as dns is; no other provider has this scheme. */
    static final int PRIORITY = 5;

    private static final int PORT_MAX = 65_535;

    @Override
    protected boolean isAvailable() {
        return true;
    }

    /** Below dns, so that a target without a scheme stays a DNS name. */
    @Override
    protected int priority() {
        return PRIORITY - 1;
    }

    @Override
    public String getDefaultScheme() {
        return SCHEME;
    }

    /** @throws IllegalArgumentException if the list is malformed */
    @Override
    public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
        return SCHEME.equals(target.getScheme()) ? new StaticNameResolver(parse(listIn(target)), args) : null;
    }

    /** What follows the scheme and the slashes. */
    static String listIn(URI target) {
        String path = target.getPath() == null ? "" : target.getPath();
        String authority = target.getAuthority() == null ? "" : target.getAuthority();
        String list = path.startsWith("/") ? path.substring(1) : path;
        if (list.isEmpty() == authority.isEmpty()) {
            throw new IllegalArgumentException("not " + target.getScheme() + ":///host:port: " + target);
        }
        return list.isEmpty() ? authority : list;
    }

    static List<HostAndPort> parse(String list) {
        String[] items = list.split(",", -1);
        var servers = new ArrayList<HostAndPort>();
        int port = 0;
        for (int i = items.length - 1; i >= 0; i--) {
            String item = items[i].strip();
            int colon = item.lastIndexOf(':');
            boolean hasPort = colon > item.lastIndexOf(']');
            port = hasPort ? port(item.substring(colon + 1)) : port;
            String host = hasPort ? item.substring(0, colon) : item;
            if (host.isEmpty() || port == 0) {
                throw new IllegalArgumentException("not a list of host:port: " + list);
            }
            servers.add(new HostAndPort(host, port));
        }
        Collections.reverse(servers);
        return List.copyOf(servers);
    }

    private static int port(String digits) {
        int port;
        try {
            port = Integer.parseInt(digits);
        } catch (NumberFormatException malformed) {
            throw new IllegalArgumentException("not a port: " + digits, malformed);
        }
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("not a port: " + digits);
        }
        return port;
    }

    /** One server of the list. */
    record HostAndPort(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }
}
