"""The one home of column names: what tables are called inside MetaRec, whatever the analyst's files call them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from metarec_core.errors import DataError
from metarec_core.language import later, say

TableName = Literal["events", "items", "facts", "users"]

USER_ID: Final = "user_id"
ITEM_ID: Final = "item_id"
TIME: Final = "time"
RATING: Final = "rating"
WEIGHT: Final = "weight"
LABEL: Final = "label"
"""1 where the event happened, 0 where it was only offered; read, applied by cleaning, and not kept."""
CONTEXT_PREFIX: Final = "context_"
ROW: Final = "row"
"""Line of the source file (header is line 1) at which a row begins; 0 for rows that no file has."""

TITLE: Final = "title"
DESCRIPTION: Final = "description"
IMAGES: Final = (
    "image",
    "image_url",
    "picture",
    "picture_url",
    "photo",
    "photo_url",
    "cover",
    "cover_url",
    "poster",
    "poster_url",
    "thumbnail",
    "thumbnail_url",
    "图片",
    "封面",
    "海报",
)
"""Item columns that hold images; the first that there is is shown. They are no attributes: nothing is filtered or linked by
an address or the bytes of a picture."""
VALUE_SEPARATOR: Final = "|"
"""Between the values of an item attribute that has several: ``drama|war``."""

RELATION: Final = "relation"
ENTITY: Final = "entity"

RANK: Final = "rank"
SCORE: Final = "score"
PROBABILITY: Final = "probability"
PART_PREFIX: Final = "part_"

_LONGEST_NAME, _MOST_NAMED = 100, 12
"""Characters of a column's name; names in a sentence."""

REQUIRED: Final[Mapping[TableName, tuple[str, ...]]] = {
    "events": (USER_ID, ITEM_ID),
    "items": (ITEM_ID,),
    "facts": (ITEM_ID, RELATION, ENTITY),
    "users": (USER_ID,),
}
"""Columns without which a file cannot be used, by table."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_USER_NAMES = _names(
    "user_id user uid customer_id customer client_id member_id member visitor_id account_id reviewer_id "
    "student_id learner_id investor_id 用户 用户id 用户编号 用户标识 用户名 会员 会员id 会员编号 客户 客户id 客户编号 "
    "顾客 顾客id 读者 学生 学号 投资者 用戶 用戶id 用戶編號 會員 會員id 客戶 客戶id 顧客"
)
_ITEM_NAMES = _names(
    "item_id item iid product_id product movie_id movie film_id track_id song_id book_id course_id fund_id post_id "
    "article_id news_id content_id video_id business_id sku asin parent_asin isbn 物品 物品id 物品编号 商品 商品id 商品编号 "
    "产品 产品id 产品编号 项目 项目id 电影 电影id 影片 课程 课程id 基金 基金代码 书籍 图书 文章 文章id 帖子 "
    "商品編號 產品 產品id 產品編號 項目 電影 電影id 課程 書籍 文章編號 貼文"
)
# Best name first. Upper case, spaces and underscores do not matter: ``userId``, ``User ID`` and ``USER_ID`` are one name.
_TABLES: Final[Mapping[TableName, str]] = {
    "events": later("events"),
    "items": later("items"),
    "facts": later("facts"),
    "users": later("users"),
}
SYNONYMS: Final[Mapping[TableName, Mapping[str, tuple[str, ...]]]] = {
    "events": {
        USER_ID: _USER_NAMES,
        ITEM_ID: _ITEM_NAMES,
        TIME: _names(
            "time timestamp ts event_time datetime date created_at created time_stamp event_timestamp event_date "
            "unix_review_time 时间 时间戳 日期 发生时间 行为时间 购买时间 下单时间 点击时间 评论时间 创建时间 "
            "時間 時間戳 日期時間 購買時間 下單時間 點擊時間 建立時間"
        ),
        RATING: _names("rating score stars overall 评分 打分 得分 分数 星级 評分 分數 星級"),
        WEIGHT: _names("weight count quantity play_count 权重 数量 次数 權重 數量 次數"),
        LABEL: _names("label 标签 標籤"),
    },
    "items": {
        ITEM_ID: (*_ITEM_NAMES, "id"),
        TITLE: _names(
            "title name item_name item_title product_name movie_title 标题 名称 商品名 商品名称 产品名称 电影名 片名 书名 "
            "課程名稱 课程名称 标题名称 標題 名稱 商品名稱 產品名稱 電影名 書名"
        ),
        DESCRIPTION: _names(
            "description desc text summary overview plot abstract 描述 简介 详情 介绍 内容 摘要 簡介 詳情 介紹 內容"
        ),
    },
    "facts": {
        ITEM_ID: (*_ITEM_NAMES, "head", "head_id", "subject", "头实体", "頭實體"),
        RELATION: _names("relation relation_id predicate property 关系 關係"),
        ENTITY: _names("entity entity_id tail tail_id object value 实体 尾实体 實體 尾實體"),
    },
    "users": {
        USER_ID: (*_USER_NAMES, "id"),
    },
}
"""Names under which files bring a column, by table and column."""

CONTEXTS: Final = _names(
    "device channel context scene time_of_day daypart day_part weekday platform season location meta_data 设备 渠道 场景 "
    "平台 季节 地点 設備 場景 季節 地點"
)
"""Behaviour columns that say in which situation an event happened; any ``context_…`` column is one as well."""


@dataclass(frozen=True)
class Match:
    """Which column of a file is which.

    Attributes:
        used: Column inside MetaRec → column of the file. Contexts are ``context_<name>``, attributes their own name.
        ignored: Columns of the file that nothing uses.
    """

    used: Mapping[str, str]
    ignored: tuple[str, ...]


def match_columns(found: Sequence[str], table: TableName, mapping: Mapping[str, str] | None = None) -> Match:
    """Which of a file's columns is which, by name; what ``mapping`` says comes first.

    Args:
        found: The file's column names, distinct.
        table: What the file is.
        mapping: Column inside MetaRec → the file's column, or "" for "there is none".

    Returns:
        The match. Required columns may be absent from it: ``missing_columns`` says so in words.

    Raises:
        DataError: ``mapping`` names a column that the file or MetaRec does not have.
    """
    mapping = mapping or {}
    for column, source in mapping.items():
        if column not in SYNONYMS[table] and not (table == "events" and _is_context(column)):
            allowed = ", ".join(SYNONYMS[table]) + (f", {CONTEXT_PREFIX}<name>" if table == "events" else "")
            raise DataError(
                say(
                    "Column {column!r} of the {table} cannot be set: choose one of {allowed}.",
                    column=column,
                    table=say(_TABLES[table]),
                    allowed=allowed,
                )
            )
        if source and source not in found:
            raise DataError(
                say(
                    "The {table} file has no column {source!r} to use as {column}: it has {found}.",
                    table=say(_TABLES[table]),
                    source=source,
                    column=column,
                    found=_listed(found),
                )
            )

    used = {column: source for column, source in mapping.items() if source}
    free = {_key(name): name for name in reversed(found) if name not in used.values()}
    for column, names in SYNONYMS[table].items():
        if column in mapping:
            continue
        key = next((_key(name) for name in names if _key(name) in free), None)
        if key is not None:
            used[column] = free.pop(key)

    rest = [name for name in found if name not in used.values()]
    taken = {*SYNONYMS[table], ROW, *used}
    for name in rest:
        own = _inside_name(name)
        if table == "events":
            own = CONTEXT_PREFIX + own.removeprefix(CONTEXT_PREFIX)
        if _carries_values(name, table) and own not in taken and name not in mapping.values():
            used[own] = name
            taken.add(own)
    return Match(used, tuple(name for name in found if name not in used.values()))


def same_name(column: str, name: str) -> bool:
    """Whether a file's name for a column is MetaRec's own; case, spaces and underscores do not matter."""
    return _key(column) == _key(name)


def missing_columns(match: Match, table: TableName, file: str) -> str | None:
    """One sentence about the required columns that a file lacks, or None."""
    missing = [column for column in REQUIRED[table] if column not in match.used]
    if not missing:
        return None
    there = [*match.used.values(), *match.ignored]
    free = {_key(source): source for column, source in match.used.items() if column not in SYNONYMS[table]}
    free |= {_key(name): name for name in match.ignored}
    guesses = []
    for column in missing:
        near = [difflib.get_close_matches(_key(name), free, n=1, cutoff=0.75) for name in SYNONYMS[table][column]]
        guesses += [say("{name!r} as {column}", name=free[found[0]], column=column) for found in near if found][:1]
    return say(
        "{file} has no column for {missing}: it has {there}; did you mean {guesses}? Rename or map columns."
        if guesses
        else "{file} has no column for {missing}: it has {there}; rename or map columns.",
        file=file,
        missing=say(" and ").join(missing),
        there=_listed(there) or say("none"),
        guesses=say(" and ").join(guesses),
    )


def _listed(names: Sequence[str]) -> str:
    rest, shown = len(names) - _MOST_NAMED, ", ".join(names[:_MOST_NAMED])
    return say("{shown} and {n:,} more", shown=shown, n=rest) if rest > 0 else shown


def distinct(names: Iterable[str]) -> list[str]:
    """Column names as they are but on one line and no longer than a name, empty ones numbered by their place and repeated ones
    told apart by a number."""
    taken: dict[str, int] = {}
    result = []
    for position, name in enumerate(names, start=1):
        own = base = " ".join(name.split())[:_LONGEST_NAME] or f"unnamed {position}"
        while own in taken:
            taken[base] += 1
            own = f"{base} {taken[base]}"
        taken[own] = 1
        taken.setdefault(base, 1)
        result.append(own)
    return result


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _inside_name(name: str) -> str:
    """``TimeOfDay`` and ``time of day`` as ``time_of_day``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[\W_]+", "_", words.lower()).strip("_")


def _is_context(column: str) -> bool:
    return column.startswith(CONTEXT_PREFIX) and len(column) > len(CONTEXT_PREFIX)


@cache
def _context_keys() -> frozenset[str]:
    return frozenset(_key(context) for context in CONTEXTS)


def _carries_values(name: str, table: TableName) -> bool:
    own = _inside_name(name)
    if not own or own.startswith("unnamed"):  # the index column that a spreadsheet or pandas leaves
        return False
    if table == "events":
        return _is_context(own) or _key(name) in _context_keys()
    return table in ("items", "users")
