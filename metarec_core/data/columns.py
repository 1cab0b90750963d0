"""The one home of column names: what tables are called inside MetaRec, whatever the analyst's files call them."""

from typing import Final

USER_ID: Final = "user_id"
ITEM_ID: Final = "item_id"
TIME: Final = "time"
RATING: Final = "rating"
WEIGHT: Final = "weight"
CONTEXT_PREFIX: Final = "context_"
ROW: Final = "row"
"""Line of the source file (header is line 1) a row came from."""

TITLE: Final = "title"
DESCRIPTION: Final = "description"
VALUE_SEPARATOR: Final = "|"
"""Between the values of an item attribute that has several: ``drama|war``."""

RELATION: Final = "relation"
ENTITY: Final = "entity"

RANK: Final = "rank"
SCORE: Final = "score"
PART_PREFIX: Final = "part_"
