"""What sales sells: the firm's items as products, and their list prices.

Belongs here: which product stands for which item, and prices in both currencies. Does not belong
here: deals and wire form. Most products carry the item's SKU; a few, older than the books, have a
code of their own and share only the name.
"""

from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.catalogue import Item

CURRENCIES = (profile.HOME_CURRENCY, profile.FOREIGN_CURRENCY)
CODES_OF_OLD = {"Data Migration": "DM-0204", "In-house Training": "TR-0117", "Firewall Appliance":
                "HW-0330"}  # fmt: skip
FAMILIES = {
    catalogue.CONSULTING: "Consulting",
    catalogue.MANAGED: "Managed Services",
    catalogue.TRAINING: "Training",
    catalogue.SUPPORT: "Support",
    catalogue.EQUIPMENT: "Equipment",
    catalogue.REIMBURSED: "Expenses",
}


class Product(NamedTuple):
    """``number`` makes the id; ``price`` is the list price, the same figure in each currency."""

    number: int
    name: str
    code: str
    has_sku: bool
    family: str
    description: str
    price: int
    is_active: bool


def _of_item(item: Item) -> Product:
    return Product(
        number=item.id,
        name=item.name,
        code=CODES_OF_OLD.get(item.name, item.sku),
        has_sku=item.name not in CODES_OF_OLD,
        family=FAMILIES[item.income_account],
        description=item.description,
        price=item.price,
        is_active=item.retired is None,
    )


OF_ITEM = {item.id: _of_item(item) for item in catalogue.ITEMS}
#: Sold under a name and a code that the books do not know.
UNKNOWN_TO_BOOKS = Product(
    number=len(OF_ITEM) + 1,
    name="Special Engagement",
    code="SPECIAL-1",
    has_sku=False,
    family=FAMILIES[catalogue.CONSULTING],
    description="Agreed case by case",
    price=0,
    is_active=True,
)
_MEMBERS = tuple(item for item in catalogue.ITEMS if item.name in catalogue.BUNDLE_MEMBERS)
#: Sold as one, at the price of its members; the books have it under the same name.
BUNDLE_PRODUCT = Product(
    number=UNKNOWN_TO_BOOKS.number + 1,
    name=catalogue.BUNDLE_NAME,
    code="BDL-READY",
    has_sku=False,
    family=FAMILIES[catalogue.MANAGED],
    description=" and ".join(catalogue.BUNDLE_MEMBERS),
    price=sum(item.price for item in _MEMBERS),
    is_active=True,
)
PRODUCTS = (*OF_ITEM.values(), UNKNOWN_TO_BOOKS, BUNDLE_PRODUCT)


def entry_number(product: Product, currency: str) -> int:
    """The number of the product's price in that currency."""
    return len(CURRENCIES) * (product.number - 1) + CURRENCIES.index(currency) + 1
