"""How many cores a load takes, what they cost, and what a surge does to the service before new pods answer.

    python scripts/capacity.py --texts-per-second 20 --price 0.04

`--texts-per-second` is what one core answers: `pii-sft bench` measures it. The surge is simulated second by
second: the load of a quiet hour doubles, or grows tenfold, within a minute. The autoscaler looks every 15 s and may
double the pods each time. A pod answers `--start` seconds after it was asked for. What would wait longer than the
deadline, or finds the queue of its pod full, is refused with 503. The last line is JSON.
"""

import argparse
import json
import math

DAYS = {"1 M": 1e6, "100 M": 1e8, "10 B": 1e10}
PEAK, BUSY = 3.0, 0.7
"""The busiest minute by the mean of the day, and the share of a core that is used then."""
QUEUE, DEADLINE = 128, 30
"""Requests that a pod holds, and seconds that one may wait: the service's defaults."""


def cores(texts: float, rate: float) -> tuple[int, int]:
    """Cores for `texts` a day in batches at all hours, and for requests at the busiest minute."""
    mean = texts / 86_400
    return math.ceil(mean / rate), math.ceil(PEAK * mean / rate / BUSY)


def surge(rate: float, times: float, start: int, pods: int) -> dict[str, float]:
    """What becomes of requests in ten minutes when the load of `pods` pods, 60% busy, grows `times` in a minute."""
    quiet = 0.6 * rate * pods
    ready, ordered, waiting, refused, sent, longest = float(pods), list[tuple[int, float]](), 0.0, 0.0, 0.0, 0.0
    for second in range(600):
        ready += sum(more for when, more in ordered if when == second)
        load = quiet * min(1 + (times - 1) * second / 60, times)
        waiting += load
        sent += load
        waiting -= min(waiting, ready * rate)
        room = ready * min(QUEUE, DEADLINE * rate)
        refused += max(0.0, waiting - room)
        waiting = min(waiting, room)
        longest = max(longest, waiting / (ready * rate))
        if second % 15 == 0:
            asked = ready + sum(more for when, more in ordered if when > second)
            used = min(1.0, load / (ready * rate)) if ready else 1.0
            wanted = min(math.ceil(ready * used / BUSY), 2 * asked)
            if wanted > asked:
                ordered.append((second + start, wanted - asked))
    return {"refused": refused / sent, "longest_wait": longest, "pods": ready}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts-per-second", type=float, required=True, help="what one core answers")
    parser.add_argument("--price", type=float, default=0.04, help="price of a core for an hour (default: 0.04)")
    parser.add_argument("--start", type=int, default=30, help="seconds until a new pod answers (default: 30)")
    arguments = parser.parse_args()
    if arguments.texts_per_second <= 0:
        parser.error("--texts-per-second must be above 0")
    rate, price = arguments.texts_per_second, arguments.price
    loads = {name: cores(texts, rate) for name, texts in DAYS.items()}
    print("texts a day  cores, in batches  price of a day  cores, at the peak  price of a day")
    for name, (batch, peak) in loads.items():
        print(f"{name:>11}  {batch:17,}  {24 * price * batch:14,.2f}  {peak:18,}  {24 * price * peak:14,.2f}")
    print("load grows  pods before, after  refused  longest wait, s")
    surges = {
        f"{times}x from {pods}": surge(rate, times, arguments.start, pods) for times in (2, 10) for pods in (2, 40)
    }
    for name, each in surges.items():
        print(f"{name:>12}  {each['pods']:17.0f}  {each['refused']:7.2%}  {each['longest_wait']:15.1f}")
    print(json.dumps({"cores": loads, "surges": surges}))


if __name__ == "__main__":
    main()
