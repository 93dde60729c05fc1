"""Kill the whole demo anywhere in the write path and at random moments: nothing may be lost.

`journal` what the service acknowledged, kept outside it. `workload` people who write, sign, file,
answer and collect. `invariants` what must hold after every restart. `ordeal` the loop.
"""
