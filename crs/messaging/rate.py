"""How fast a carrier lets us send: a token bucket in Valkey, one for all workers."""

from contextlib import suppress
from functools import cache

import redis
from django.conf import settings

from crs.messaging.models import Message

# KEYS: bucket. ARGV: tokens a second, size, wanted. Answers the seconds to wait; 0 means taken.
# One script, so that two workers never take the same token; the clock of Valkey, so that theirs do not matter.
_TAKE = """
local rate, size, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(size, (tonumber(kept[1]) or size) + math.max(0, now - (tonumber(kept[2]) or now)) * rate)
local wait = (wanted - tokens) / rate
if wait > 0 then return tostring(wait) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - wanted), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 60)
return '0'
"""

_GIVE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBYFLOAT', KEYS[1], 'tokens', ARGV[1]) end
"""


def per_second(channel: Message.Channel) -> int:
    """How many messages a second all workers together may hand to the carrier of `channel`."""
    limit = settings.SMS_PER_SECOND if channel == Message.Channel.SMS else settings.EMAIL_PER_SECOND
    return max(1, limit)


def take(channel: Message.Channel, count: int) -> float:
    """Take the right to send `count` messages; returns 0, or after how many seconds to ask again."""
    arguments = [per_second(channel), count, count]
    return float(_client().eval(_TAKE, 1, _bucket(channel), *arguments))


def give_back(channel: Message.Channel, count: int) -> None:
    """Return rights that were not needed. Never raises: the messages already claimed are worth more."""
    if count:
        with suppress(redis.RedisError):
            _client().eval(_GIVE_BACK, 1, _bucket(channel), count)


def _bucket(channel: Message.Channel) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:messaging:rate:{channel}"


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5)
