#!/usr/bin/env python3
"""schema.py - do the lines of JSON on standard input fit a schema?

	mail-mx --json example.org | python3 schema.py cmd/mail-mx/mail-mx.json

Each line that does not is named, with the place in it and why: then, and where there is no line at all, the exit code is 1. What it knows of
JSON Schema (2020-12): type, enum, const, properties, required, additionalProperties, items, minItems, maxItems, minimum, maximum, minLength, maxLength, pattern, allOf,
anyOf, oneOf, not, $ref to "#/$defs/NAME". Any other word that would have a say is an error, so that no schema says more than is checked.
"""
import json, re, sys

NOTES = {"$schema", "$id", "$defs", "title", "description", "$comment", "examples", "default"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


class Schema:
    def __init__(self, root):
        self.root = root

    def is_type(self, value, name):
        if name in ("integer", "number"):
            return not isinstance(value, bool) and isinstance(value, int if name == "integer" else (int, float))
        return isinstance(value, TYPES[name])

    def errors(self, value, s, at="$"):
        """All that is wrong with the value, as lines."""
        if s is True:
            return []
        if s is False:
            return [at + ": must not be there"]
        out = []
        for word, want in s.items():
            if word not in NOTES:
                out += getattr(self, "check_" + word.lstrip("$"))(value, want, s, at)
        return out

    def check_ref(self, value, want, s, at):
        where = self.root
        for part in want.lstrip("#/").split("/"):
            where = where[part]
        return self.errors(value, where, at)

    def check_type(self, value, want, s, at):
        names = want if isinstance(want, list) else [want]
        return [] if any(self.is_type(value, n) for n in names) else ["%s: %.60s is no %s" % (at, json.dumps(value), " or ".join(names))]

    def check_enum(self, value, want, s, at):
        return [] if value in want else ["%s: %.60s is none of %s" % (at, json.dumps(value), want)]

    def check_const(self, value, want, s, at):
        return self.check_enum(value, [want], s, at)

    def check_properties(self, value, want, s, at):
        if not isinstance(value, dict):
            return []
        return [e for k, sub in want.items() if k in value for e in self.errors(value[k], sub, at + "." + k)]

    def check_required(self, value, want, s, at):
        return ["%s: no \"%s\"" % (at, k) for k in want if isinstance(value, dict) and k not in value]

    def check_additionalProperties(self, value, want, s, at):
        if not isinstance(value, dict):
            return []
        more = [k for k in value if k not in s.get("properties", {})]
        return [e for k in more for e in self.errors(value[k], want, at + "." + k)]

    def check_items(self, value, want, s, at):
        if not isinstance(value, list):
            return []
        return [e for i, v in enumerate(value) for e in self.errors(v, want, "%s[%d]" % (at, i))]

    def check_minItems(self, value, want, s, at):
        return ["%s: fewer than %d" % (at, want)] if isinstance(value, list) and len(value) < want else []

    def check_maxItems(self, value, want, s, at):
        return ["%s: more than %d" % (at, want)] if isinstance(value, list) and len(value) > want else []

    def check_minimum(self, value, want, s, at):
        return ["%s: less than %s" % (at, want)] if self.is_type(value, "number") and value < want else []

    def check_maximum(self, value, want, s, at):
        return ["%s: more than %s" % (at, want)] if self.is_type(value, "number") and value > want else []

    def check_minLength(self, value, want, s, at):
        return ["%s: shorter than %d" % (at, want)] if isinstance(value, str) and len(value) < want else []

    def check_maxLength(self, value, want, s, at):
        return ["%s: longer than %d" % (at, want)] if isinstance(value, str) and len(value) > want else []

    def check_pattern(self, value, want, s, at):
        return ["%s: %.60s does not fit /%s/" % (at, json.dumps(value), want)] if isinstance(value, str) and not re.search(want, value) else []

    def check_allOf(self, value, want, s, at):
        return [e for sub in want for e in self.errors(value, sub, at)]

    def check_anyOf(self, value, want, s, at):
        tried = [self.errors(value, sub, at) for sub in want]
        return [] if any(not t for t in tried) else min(tried, key=len)

    def check_oneOf(self, value, want, s, at):
        tried = [self.errors(value, sub, at) for sub in want]
        good = sum(not t for t in tried)
        return [] if good == 1 else min(tried, key=len) if not good else ["%s: fits %d of the alternatives" % (at, good)]

    def check_not(self, value, want, s, at):
        return [] if self.errors(value, want, at) else ["%s: fits what it must not" % at]


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = Schema(json.load(f))
    lines, bad = 0, 0
    for line in sys.stdin.buffer:
        lines += 1
        wrong = schema.errors(json.loads(line.decode("utf-8")), schema.root)
        bad += bool(wrong)
        for e in wrong[:5]:
            print("line %d: %s" % (lines, e))
    if not lines:
        print("nothing to check")
    sys.exit(1 if bad or not lines else 0)


main()
