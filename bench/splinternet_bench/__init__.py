"""The record of real events as an open task: outcomes, rivals, scores and a board for any model.

`splinternet_bench.outcomes` has what happened to users after an order, `orders` which state orders
what, `submission` how an entrant is read, `board` how all entrants compare. Nothing here imports a
model.
"""
