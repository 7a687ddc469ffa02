package io.hongbao.cli.demo;

import java.util.ArrayList;
import java.util.List;

/** The people of the demo. */
final class Cast {
    private static final List<String> SENDERS = List.of("zhang-wei", "wang-fang", "li-na", "liu-yang");
    private static final List<String> CROWD = List.of(
            "chen-jie",
            "yang-mei",
            "zhao-lei",
            "huang-ting",
            "zhou-bin",
            "wu-xia",
            "xu-peng",
            "sun-li",
            "ma-chao",
            "zhu-lin",
            "hu-bo",
            "guo-jing",
            "he-yan",
            "gao-feng",
            "lin-yue",
            "luo-dan",
            "zheng-kai",
            "liang-yu",
            "xie-tao",
            "song-ying",
            "tang-hao",
            "han-xue",
            "feng-jun",
            "deng-chao");

    private Cast() {}

    /** Who sends the packet with this index; a few rich people send many. */
    static String sender(int packetIndex) {
        return SENDERS.get(packetIndex % SENDERS.size());
    }

    /** Distinct users, the same ones every time. */
    static List<String> crowd(int size) {
        var crowd = new ArrayList<String>(size);
        for (int i = 0; i < size; i++) {
            int round = i / CROWD.size();
            crowd.add(CROWD.get(i % CROWD.size()) + (round == 0 ? "" : "-" + (round + 1)));
        }
        return crowd;
    }
}
