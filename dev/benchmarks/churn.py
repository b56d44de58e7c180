"""Fit of the churn model in plain Python, against the package lifetimes (numpy, scipy, autograd) on the same customers."""

import random
import warnings

from benchmarks._data import make_customers, make_users, report_ratio, tidy

RUNS = 5

#: Customers who live as the model says: most buy once or twice, or most buy again and again.
LIVES = {
    'shoppers': {'r': 0.25, 'alpha': 4.5, 'a': 0.8, 'b': 2.4},
    'regulars': {'r': 2.0, 'alpha': 10.0, 'a': 0.3, 'b': 3.0},
}


def run(context):
    sizes = context.sizes(customers=25000, orders=75000)
    for kind, life in LIVES.items():
        rows = list(live(sizes.customers, **life))
        for model in ('bgnbd', 'mbgnbd'):
            fits(context, f'fit {model}, {kind}', model, rows)
    refreshes(context, sizes)


def live(number, r, alpha, a, b):
    """How often each customer bought again, when last, and how long it is known, in weeks."""
    chance = random.Random(1)
    for __ in range(number):
        known = chance.randint(30, 1000)
        rate, leaving = chance.gammavariate(r, 1 / alpha), chance.betavariate(a, b)
        now, x, last, gone = 0.0, 0, 0.0, False
        while not gone and (now := now + chance.expovariate(rate)) * 7 < known:
            x, last, gone = x + 1, now, chance.random() < leaving
        yield x, round(last * 7) / 7, known / 7


def fits(context, name, model, rows):
    """The same customers to both, in turns; both have to come to the same parameters."""
    import numpy
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter

    from odoo.addons.customer_success.engine import churn

    fitter = {'bgnbd': BetaGeoFitter, 'mbgnbd': ModifiedBetaGeoFitter}[model]
    columns = numpy.array(rows, dtype=float).T
    ours, theirs = [], []
    for number in range(RUNS + 1):
        with context.clock() as clock:
            found = churn.fit(rows, model).parameters
        mine = clock.seconds
        with context.clock() as clock, warnings.catch_warnings():
            warnings.simplefilter('ignore')
            other = fitter().fit(*columns)
        if number:  # the first round only warms up
            ours.append(mine)
            theirs.append(clock.seconds)
    assert all(abs(getattr(found, key) / other.params_[key] - 1) < 0.001 for key in ('r', 'alpha', 'a', 'b')), (found, other)
    report_ratio(context, name, ours, theirs, 'lifetimes', customers=len(rows))


def refreshes(context, sizes):
    """What the database does around it: the rhythm of all customers, and a whole fit with its back-test."""
    context.say("Making customers and orders …")
    make_customers(context, make_users(context), 1, sizes.customers, sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
    tidy(context, 'res_partner', 'sale_order')
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    with context.environment() as env:
        churn = env['customer.churn']
        for name in ('rhythm, the very first', 'rhythm, nothing changed'):
            with context.clock() as clock:
                rows = churn._refresh_rhythm()
            context.report(name, clock.seconds, 's', rows=rows, **size)
        with context.clock() as clock:
            fit = churn._fit()
        context.report('fit and back-test from orders', clock.seconds, 's', state=fit.state, judged=fit.test_customers, **size)
        with context.clock() as clock:
            env.cr.execute(churn._risk_sql())
            env.cr.fetchall()
        context.report('risk of all by the model', clock.seconds, 's', **size)
