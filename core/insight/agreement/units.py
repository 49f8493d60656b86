"""Units of measure in English and Chinese: their base unit, and how much of it one is."""

from __future__ import annotations

import re

_TABLE = {
    "%": "% 1e-2 percent 1e-2 pct 1e-2 ‰ 1e-3 成 1e-1",
    "m": "m 1 metre 1 metres 1 meter 1 meters 1 米 1 km 1e3 kilometre 1e3 kilometres 1e3 kilometer 1e3 kilometers 1e3"
    " 公里 1e3 千米 1e3 cm 1e-2 厘米 1e-2 centimetres 1e-2 centimeters 1e-2 mm 1e-3 毫米 1e-3 nm 1e-9 纳米 1e-9",
    "mile": "mile 1 miles 1 英里 1",
    "foot": "ft 1 foot 1 feet 1 英尺 1",
    "inch": "inch 1 inches 1 英寸 1",
    "m2": "m2 1 平方米 1 km2 1e6 平方公里 1e6 平方千米 1e6",
    "g": "g 1 gram 1 grams 1 克 1 kg 1e3 kilogram 1e3 kilograms 1e3 公斤 1e3 千克 1e3 mg 1e-3 毫克 1e-3"
    " t 1e6 tonne 1e6 tonnes 1e6 ton 1e6 tons 1e6 吨 1e6",
    "pound": "lb 1 lbs 1 磅 1",
    "l": "l 1 L 1 litre 1 litres 1 liter 1 liters 1 升 1 ml 1e-3 mL 1e-3 毫升 1e-3",
    "s": "s 1 sec 1 second 1 seconds 1 秒 1 ms 1e-3 millisecond 1e-3 milliseconds 1e-3 毫秒 1e-3 μs 1e-6 微秒 1e-6"
    " min 60 mins 60 minute 60 minutes 60 分钟 60 h 3600 hr 3600 hrs 3600 hour 3600 hours 3600 小时 3600 个小时 3600"
    " day 86400 days 86400 天 86400 week 604800 weeks 604800 周 604800 星期 604800",
    "month": "month 1 months 1 个月 1 year 12 years 12 年 12 岁 12",
    "byte": "bytes 1 字节 1 KB 1e3 kB 1e3 MB 1e6 GB 1e9 TB 1e12 KiB 1024 MiB 1048576 GiB 1073741824",
    "Hz": "Hz 1 赫兹 1 kHz 1e3 MHz 1e6 GHz 1e9",
    "W": "W 1 watt 1 watts 1 瓦 1 kW 1e3 千瓦 1e3 MW 1e6 兆瓦 1e6 GW 1e9",
    "V": "V 1 volts 1 伏 1",
    "°C": "°C 1 摄氏度 1",
    "°F": "°F 1 华氏度 1",
    "K": "kelvin 1 开尔文 1",
    "°": "° 1 degree 1 degrees 1 度 1",
    "m/s": "m/s 1 米/秒 1",
    "km/h": "km/h 1 公里/小时 1 千米/小时 1 kph 1",
    "mph": "mph 1",
    "USD": "US$ 1 $ 1 USD 1 dollar 1 dollars 1 美元 1",
    "EUR": "€ 1 EUR 1 euro 1 euros 1 欧元 1",
    "GBP": "£ 1 GBP 1 英镑 1",
    "CNY": "¥ 1 CNY 1 RMB 1 yuan 1 元 1 人民币 1 元人民币 1",
    "JPY": "JPY 1 yen 1 日元 1",
    "token": "token 1 tokens 1",
}
PREFIXES = r"US\$|[$€£¥]"


def _aliases() -> dict[str, tuple[str, float]]:
    aliases = {}
    for base, words in _TABLE.items():
        names = words.split()
        for name, scale in zip(names[::2], names[1::2], strict=True):
            aliases[name] = (base, float(scale))
    return aliases


ALIASES = _aliases()


def _pattern() -> str:
    """Longest first; a word of letters ends where letters end."""
    names = sorted(ALIASES, key=len, reverse=True)
    return (
        "(?:"
        + "|".join(
            re.escape(name) + (r"(?![A-Za-z0-9])" if name.isascii() and name[-1].isalnum() else "") for name in names
        )
        + ")"
    )


UNIT = _pattern()
