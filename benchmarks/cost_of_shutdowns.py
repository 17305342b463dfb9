"""The cost of a shutdown by the formula of the cost tools, next to that of the model.

Brookings (West 2016), NetBlocks' COST and the reports that use it count the output that depends on
the Internet for the days and the share of people concerned: GDP x share of the Internet economy x
days / 365 x share of the users. The page ``docs/cost-tools.md`` says why the two differ.

Run it from any folder::

    uv run python benchmarks/cost_of_shutdowns.py
    uv run python benchmarks/cost_of_shutdowns.py ua_vk_2017 --people 5000 --seeds 2

It prints a row for each event of the calibration table: days with a service blocked or slowed, the
part of the Internet users concerned, and the cost by the formula; then the consumer surplus lost,
the part of the use of the blocked services that is lost, and the person-days without contact to
family, each with the median and 10-90 % of the members.
"""

from __future__ import annotations

import argparse

import numpy as np

import splinternet as sn
from splinternet.experiments.cost import Cost, InternetEconomy, cost_in, formula_cost
from splinternet.facts.record import RecordRow
from splinternet.facts.tables import read

__all__ = ["InternetEconomy", "formula_cost"]


def events() -> dict[str, RecordRow]:
    """Return the rows of the calibration table by event."""
    return {row.event: row for row in read(RecordRow).values() if row.table == "calibration"}


def cost_of(event: str, people: int, seeds: int, jobs: int | None = None) -> Cost:
    """Return what an event costs by the formula and in the model, whose parameters are kept fixed."""
    row = events()[event]
    return cost_in(
        sn.run(row.file, people=people, seeds=seeds, jobs=jobs, set={"draw": "nothing"}), row.state
    )


def spread(values: np.ndarray) -> str:
    """Return ``median (10 % to 90 %)``."""
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def main(arguments: list[str] | None = None) -> None:
    """Run the events and print a row for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "events", nargs="*", metavar="EVENT", help="of the calibration table; by default all"
    )
    parser.add_argument(
        "--people", type=int, default=20_000, help="simulated people (default 20000)"
    )
    parser.add_argument("--seeds", type=int, default=4, help="members of each event (default 4)")
    parser.add_argument("--jobs", type=int, help="number of processes; by default one per core")
    args = parser.parse_args(arguments)
    if unknown := [event for event in args.events if event not in events()]:
        parser.error(f"no event is called {', '.join(unknown)}; there are {', '.join(events())}")
    for event in args.events or events():
        cost = cost_of(event, args.people, args.seeds, args.jobs)
        print(f"{event}: {cost.days} days, {cost.users[0]:.0%} to {cost.users[1]:.0%} of the users")
        print(f"  formula              {cost.formula[0]:.3g} to {cost.formula[1]:.3g} US dollars")
        print(f"  surplus lost         {spread(cost.surplus)} US dollars")
        print(f"  use lost             {spread(cost.use_lost)} of that of the blocked services")
        print(f"  regained elsewhere   {spread(cost.regained)} of that")
        print(f"  without any channel  {spread(cost.contact)} person-days", flush=True)


if __name__ == "__main__":
    main()
