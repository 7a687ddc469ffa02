package io.hongbao.chart;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds what an object has and its Kubernetes type does not know. The generated classes keep such fields aside instead of
 * refusing them; an API server drops them with a warning, and a setting that somebody meant is lost.
 */
final class UnknownFields {
    private static final String KEPT_ASIDE = "additionalProperties";
    private static final String MODEL = "io.fabric8.";

    private UnknownFields() {}

    /** @return paths of unknown fields */
    static List<String> of(Object object) {
        var found = new ArrayList<String>();
        collect("", object, found);
        return found;
    }

    private static void collect(String path, Object value, List<String> found) {
        switch (value) {
            case null -> {}
            case List<?> items -> {
                for (int index = 0; index < items.size(); index++) {
                    collect(path + "[" + index + "]", items.get(index), found);
                }
            }
            case Map<?, ?> entries -> entries.forEach((key, entry) -> collect(path + "." + key, entry, found));
            case Enum<?> constant -> {}
            case Object bean when bean.getClass().getName().startsWith(MODEL) -> collectBean(path, bean, found);
            case Object plain -> {}
        }
    }

    private static void collectBean(String path, Object bean, List<String> found) {
        for (Class<?> type = bean.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    continue;
                }
                Object value = read(field, bean);
                if (field.getName().equals(KEPT_ASIDE)) {
                    if (value instanceof Map<?, ?> unknown) {
                        unknown.keySet().forEach(key -> found.add(path + "." + key));
                    }
                } else {
                    collect(path + "." + field.getName(), value, found);
                }
            }
        }
    }

    private static Object read(Field field, Object bean) {
        try {
            field.setAccessible(true);
            return field.get(bean);
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
