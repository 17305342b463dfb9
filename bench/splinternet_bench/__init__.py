"""The record of real events as an open task: outcomes, rivals, scores and a board for any model.

`splinternet_bench.outcomes` has the effects of orders on users, `orders` the orders of states;
`submission` reads an entrant, `board` compares all entrants. Nothing here imports a model.
"""
