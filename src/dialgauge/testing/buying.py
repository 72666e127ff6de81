"""When do customers buy again, when do they leave, and what do they pay?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dialgauge.tables.customers import CUSTOMERS
from dialgauge.tables.orders import ORDER_KINDS, ORDERS
from dialgauge.testing import columns
from dialgauge.testing.columns import NONE, Floats, Ints
from dialgauge.testing.people import CAMPAIGN_IDS, PRODUCTS
from dialgauge.testing.places import DAY, PLACES
from dialgauge.testing.prospects import TIERS
from dialgauge.testing.rates import CURRENCIES, Rates
from dialgauge.testing.truths import Truths

_NEW, _REPEAT, _CROSS, _UP, _RENEWAL = range(len(ORDER_KINDS))
_LATER_KINDS = (_REPEAT, _UP, _RENEWAL)
_LATER_SHARES = (0.74, 0.16, 0.1)  # of those that are not cross-sold
_AGAIN = 0.6  # what a later order costs of a first one
_MORE = 1.25  # what an up-sold one costs of a repeated one
_SPREAD = 0.45  # of what customers spend, of the logarithm
_STEADY = 6.0  # the shape of the gamma that a customer's amounts follow
_IN_FULL = 0.75  # of refunds


@dataclass(frozen=True, slots=True)
class Lives:
    """What becomes of customers; times in UTC milliseconds.

    Attributes:
        left: When each left, NONE for those who stay.
        owner: Whose each later purchase is: a place among the customers.
        at: When it was made.
    """

    left: Ints
    owner: Ints
    at: Ints


def live(
    rng: np.random.Generator, truths: Truths, campaign: Ints, since: Ints, end_utc: int
) -> Lives:
    """Let customers buy again, as BG/NBD has it, until they leave or the world ends.

    Args:
        rng: Where chance comes from.
        truths: What is true.
        campaign: The campaign that won each customer.
        since: When it did, UTC milliseconds.
        end_utc: When the world ends.
    """
    r, alpha, a, b = truths.buying
    days_between = alpha / np.maximum(rng.gamma(r, 1.0, since.size), 1e-9)
    stops = rng.beta(a, b, since.size)
    churn = np.array([truths.churn_rates[name] for name in CAMPAIGN_IDS])[campaign]
    stays = rng.exponential(1.0, since.size) * -30 * DAY / np.log1p(-churn)
    leaves = since + np.minimum(stays, 1e6 * DAY).astype(np.int64)
    until = np.minimum(leaves, end_utc)
    owner, at = np.arange(since.size), since
    found = [(owner[:0], at[:0])]
    while owner.size:
        waits = rng.exponential(days_between[owner]) * DAY
        at = at + np.minimum(waits, 1e6 * DAY).astype(np.int64)
        inside = at < until[owner]
        owner, at = owner[inside], at[inside]
        found.append((owner, at))
        goes_on = rng.random(owner.size) >= stops[owner]
        owner, at = owner[goes_on], at[goes_on]
    owners, times = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Lives(np.where(leaves < end_utc, leaves, NONE), owners, times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders, one value each; NONE where there is none.

    Attributes:
        person: The number of the lead who bought.
        call: The number of the call it was made on.
        deal: The number of the deal it closed.
        campaign: The campaign that it names.
        at: When it was made, UTC milliseconds.
        kind: Its place among `ORDER_KINDS`.
        product: The place of what was bought among `PRODUCTS`.
        currency: Its place among `CURRENCIES`.
        amount: What was to be paid, in the currency.
        margin: What of it is left after the goods.
        refunded: What was paid back, not-a-number where nothing was.
    """

    person: Ints
    call: Ints
    deal: Ints
    campaign: Ints
    at: Ints
    kind: Ints
    product: Ints
    currency: Ints
    amount: Floats
    margin: Floats
    refunded: Floats


class Prices:
    """What orders and deals cost.

    Args:
        truths: What is true.
        rates: What foreign money is worth.
    """

    def __init__(self, truths: Truths, rates: Rates) -> None:
        self._truths, self.rates = truths, rates
        self._prices = np.array([truths.prices[name] for name in CAMPAIGN_IDS])
        self._margins = np.array([truths.margin_shares[name] for name in CAMPAIGN_IDS])
        best = PRODUCTS.index(truths.cross_sell_product)
        shares = np.ones((len(PRODUCTS), len(PRODUCTS))) - np.eye(len(PRODUCTS))
        others = shares.sum(axis=1) - shares[:, best]
        best_share = truths.cross_sell_product_share
        shares[:, best] *= others * best_share / (1 - best_share)
        self._cross_sold = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)[:, :-1]

    def first(self, rng: np.random.Generator, campaign: Ints) -> Floats:
        """Draw the customer's own price of the campaign's product, EUR."""
        own: Floats = self._prices[campaign] * np.exp(rng.normal(0.0, _SPREAD, campaign.size))
        return np.round(own, 2)

    def orders(
        self, rng: np.random.Generator, customers: dict[str, Ints], paid: Floats, lives: Lives
    ) -> Orders:
        """Make the first order of each customer, and all later ones.

        Args:
            rng: Where chance comes from.
            customers: Column name to one value a customer: person, place, campaign, call, deal,
                since, currency.
            paid: What each paid at first, in its currency.
            lives: What became of them.
        """
        count, later = paid.size, lives.owner.size
        campaign, owner = customers["campaign"], lives.owner
        kind = np.array(_LATER_KINDS)[rng.choice(len(_LATER_KINDS), later, p=_LATER_SHARES)]
        kind[rng.random(later) < self._truths.cross_sell_share] = _CROSS
        product = campaign[owner]
        drawn = (rng.random(later)[:, None] > self._cross_sold[product]).sum(axis=1)
        product = np.where(kind == _CROSS, drawn, product)
        spends = self._spending(customers, paid)[owner] * self._prices[product] * _AGAIN
        noise = rng.gamma(_STEADY, 1 / _STEADY, later) * np.where(kind == _UP, _MORE, 1.0)
        place = customers["place"][owner]
        again, currency = self.rates.in_currency(np.maximum(spends * noise, 1.0), lives.at, place)
        amount = np.concatenate([paid, again])
        products = np.concatenate([campaign, product])
        share = self._margins[products] * rng.uniform(0.93, 1.07, amount.size)
        refunded = rng.random(amount.size) < self._truths.refund_share
        back = np.where(rng.random(amount.size) < _IN_FULL, 1.0, 0.3)
        none = np.full(later, NONE)
        everyone = np.concatenate([np.arange(count), owner])
        return Orders(
            person=customers["person"][everyone],
            call=np.concatenate([customers["call"], none]),
            deal=np.concatenate([customers["deal"], none]),
            campaign=np.concatenate(
                [np.full(count, NONE), np.where(kind == _RENEWAL, campaign[owner], NONE)]
            ),
            at=np.concatenate([customers["since"], lives.at]),
            kind=np.concatenate([np.full(count, _NEW), kind]),
            product=products,
            currency=np.concatenate([customers["currency"], currency]),
            amount=amount,
            margin=np.round(amount * share, 2),
            refunded=np.where(refunded, np.round(amount * back, 2), np.nan),
        )

    def _spending(self, customers: dict[str, Ints], paid: Floats) -> Floats:
        """Tell how much more than the usual price each customer spends."""
        usual, _ = self.rates.in_currency(
            self._prices[customers["campaign"]], customers["since"], customers["place"]
        )
        return paid / usual


def customer_rows(customers: dict[str, Ints], left: Ints) -> pa.RecordBatch:
    """Write customers as rows of the canonical table."""
    place = customers["place"]
    return columns.batch(
        CUSTOMERS,
        left.size,
        {
            "customer_id": columns.names("K", customers["person"]),
            "lead_id": columns.names("P", customers["person"]),
            "first_contact_at": columns.times(customers["met"]),
            "acquired_at": columns.times(customers["since"]),
            "churned_at": columns.times(left),
            "region": columns.words(place, [each.region for each in PLACES]),
            "country": columns.words(place, [each.country for each in PLACES]),
            "attributes": columns.words(customers["tier"], TIERS),
            "source": columns.constant("demo", left.size),
        },
    )


def order_rows(orders: Orders, first: int) -> pa.RecordBatch:
    """Write orders as rows of the canonical table.

    A first order names its call or its deal, a renewal its campaign; others name the customer.
    """
    count = orders.at.size
    lead = np.where(orders.kind == _NEW, orders.person, NONE)
    return columns.batch(
        ORDERS,
        count,
        {
            "order_id": columns.names("O", first + np.arange(count)),
            "customer_id": columns.names("K", orders.person),
            "lead_id": columns.names("P", lead),
            "deal_id": columns.names("V", orders.deal),
            "call_id": columns.names("D", orders.call),
            "campaign_id": columns.words(orders.campaign, CAMPAIGN_IDS),
            "ordered_at": columns.times(orders.at),
            "amount": columns.money(orders.amount),
            "margin": columns.money(orders.margin),
            "currency": columns.words(orders.currency, CURRENCIES),
            "kind": columns.words(orders.kind, ORDER_KINDS),
            "product": columns.words(orders.product, PRODUCTS),
            "refunded": columns.money(orders.refunded),
            "source": columns.constant("demo", count),
        },
    )
