#!/usr/bin/env python3
"""One case of lib.sh: its commands run in turn, medians, ratios, bars.

Standard input: records end in \\x1e, fields in \\x1f:
  kind (peer|floor|ours), name, setup, command, cpu hook, answer command
  bar, what (wall|cpu|rss|rate), number, whose ("" absolute, "best", or a row's name)
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

FIELDS = ("kind", "name", "setup", "command", "hook", "answer")


def seconds(x):
    return "%.0f us" % (x * 1e6) if x < .001 else "%.1f ms" % (x * 1e3) if x < 1 else "%.2f s" % x


def rate(x):
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if x >= 10 * size:
            return "%.4g%s" % (x / size, unit)
    return "%.4g" % x


def shell(command):
    return subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")


def first_line(text):
    return (text.strip().splitlines() or [""])[0][:60]


def hook(row):
    return float(shell(row["hook"]).stdout or 0) if row["hook"] else 0.0


def run_once(row, args, tmp):
    """One run: (wall s, cpu s, rss KiB, server's cpu s), or None and row["failed"]."""
    if row["setup"]:
        done = shell(row["setup"])
        if done.returncode:
            row["failed"] = "setup: " + first_line(done.stderr or done.stdout)
            return None
    before = hook(row)
    with open(tmp + "/out", "w+b") as out, open(tmp + "/err", "w+b") as err:
        subprocess.run([args.ru, tmp + "/ru", str(args.timeout), "sh", "-c", row["command"]], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        out.seek(0)
        err.seek(0)
        row["said"] = first_line(out.read(200).decode("utf-8", "replace"))
        complaint = first_line(err.read(300).decode("utf-8", "replace"))
    server = hook(row) - before
    wall, user, system, rss, status = open(tmp + "/ru").read().split()
    if int(status):
        row["failed"] = "over %d s" % args.timeout if int(status) == 124 else "exit %s: %s" % (status, complaint)
        return None
    return float(wall), float(user) + float(system), int(rss), server


def run_all(rows, args):
    with tempfile.TemporaryDirectory(prefix="surat-bench.") as tmp:
        for turn in range(args.runs + 1):  # the first warms the caches
            for row in rows:
                if "failed" in row:
                    continue
                got = run_once(row, args, tmp)
                if got and turn:
                    row["runs"].append(got)
    for row in rows:
        if row["runs"]:
            row["wall"], row["cpu"], row["rss"], row["server"] = (statistics.median(x) for x in zip(*row["runs"]))
        if row["answer"]:
            row["said"] = first_line(shell(row["answer"]).stdout)


def best_of(rows):
    walls = [(r["wall"], r["name"]) for r in rows if r["kind"] == "peer" and "wall" in r]
    return min(walls)[1] if walls else None


def print_table(rows, args, best):
    reference = next((r["wall"] for r in rows if r["name"] == best), None)
    print("%s / %s  (medians of %d; x: of the best peer's time)" % (args.area, args.case, args.runs))
    for r in rows:
        if "wall" not in r:
            print("  %-5s %-30s FAILED %s" % (r["kind"], r["name"], r.get("failed", "no run")))
            continue
        walls = [x[0] for x in r["runs"]]
        line = "  %-5s %-30s %9s (%s..%s)  cpu %9s  %7.1f MB" % (
            r["kind"], r["name"], seconds(r["wall"]), seconds(min(walls)), seconds(max(walls)), seconds(r["cpu"]), r["rss"] / 1024)
        if r["server"]:
            line += "  server's cpu " + seconds(r["server"])
        if args.items:
            line += "  %s/s" % rate(args.items / r["wall"])
        if args.bytes:
            line += "  %.0f MB/s" % (args.bytes / r["wall"] / 1e6)
        if reference:
            line += "  %.2fx" % (r["wall"] / reference)
        print(line + ("  [%s]" % r["said"] if r.get("said") else ""))


def judge(bar, rows, args, best):
    """(held, text)"""
    what, limit, whose = bar["name"], float(bar["setup"]), bar["command"]
    mine = next((r for r in rows if r["kind"] == "ours"), {})
    if "wall" not in mine:
        return False, "%s: ours did not run" % what
    if what == "rate":
        value = args.items / mine["wall"]
        return value >= limit, "rate %s/s, at least %s/s" % (rate(value), rate(limit))
    value, unit = mine[what], "of %s" % whose
    if whose:
        name = best if whose == "best" else whose
        other = next((r for r in rows if r["name"] == name and "wall" in r), None)
        if not other:
            return False, "%s: no figure of %s" % (what, whose)
        value, unit = value / other[what], "of %s" % name
        return value <= limit, "%s %.3f %s, at most %.3g" % (what, value, unit, limit)
    return value <= limit, "%s %.4g, at most %.4g" % (what, value, limit)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--area", "--case", "--ru", "--bars"):
        p.add_argument(option, required=True)
    p.add_argument("--items", type=float, default=0)
    p.add_argument("--bytes", type=float, default=0)
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--timeout", type=int, default=300)
    p.add_argument("--json", default=os.environ.get("BENCH_JSON"), help="append the figures to this file, a line per row")
    args = p.parse_args()
    records = [dict(zip(FIELDS, r.split("\x1f"))) for r in sys.stdin.read().split("\x1e") if r]
    bars = [r for r in records if r["kind"] == "bar"]
    rows = [dict(r, runs=[]) for r in records if r["kind"] != "bar"]
    run_all(rows, args)
    best = best_of(rows)
    print_table(rows, args, best)
    with open(args.bars, "a") as f:
        for b in bars:
            held, text = judge(b, rows, args, best)
            print("  %s: %s" % ("held" if held else "MISSED", text))
            f.write("%s %s/%s: %s\n" % ("held" if held else "missed", args.area, args.case, text))
    if args.json:
        with open(args.json, "a") as f:
            for r in rows:
                f.write(json.dumps({k: v for k, v in dict(r, area=args.area, case=args.case).items() if k not in ("setup", "hook", "answer")}) + "\n")
    sys.exit(1 if any("failed" in r for r in rows if r["kind"] == "ours") else 0)


main()
