"""Words that say nothing of what a question is about: grammar, and the frames of requests ("please write a …").

Our own lists. What turns a meaning round (not, without, before) is in neither list of `repeats`, which has its own.
"""

from __future__ import annotations

_ENGLISH_LIST = """
    a an the this that these those it its itself he she him her his hers they them their theirs we us our ours you
    your yours yourself i me my mine myself who whom whose which what when where why how whether there here then
    than thus and or but nor so yet if else because since although though while until unless as at by for from in
    into of off on onto out over per to toward towards under up upon via with within without about above across
    after again against along also among around before behind below beneath beside besides between beyond during
    except inside like near outside past through throughout till underneath versus vs am is are was were be been
    being do does did doing done have has had having can could may might must shall should will would cannot wont
    dont doesnt didnt isnt arent wasnt werent cant couldnt shouldnt wouldnt havent hasnt hadnt im ive id ill youre
    youve theyre weve thats whats heres theres lets ain gonna wanna gotta let no not none never nothing nobody
    neither only just even still already ever very too quite rather really actually simply basically please pls plz
    kindly thanks thank thx hi hello hey dear ok okay yes yeah yep sure sorry well some any all both each every
    either few many more most much several such other another same own less least lot lots one two three four five
    six seven eight nine ten first second third last next previous hundred thousand once twice thing things
    something anything everything stuff someone anyone everyone way ways kind kinds sort sorts type types bit little
    big small large long short new old good better best bad nice great main major simple easy clear quick quickly
    proper properly correct correctly right exact exactly different possible general specific certain common
    complete full whole entire available suitable appropriate important useful various write writing written wrote
    rewrite explain explains explained explaining explanation describe describes description give gives given gave
    giving tell tells told telling show shows showed shown showing provide provides provided make makes made making
    create creates created creating generate generates generated build builds building built produce help helps
    helped helping need needs needed want wants wanted wish ask asks asked asking answer answers answered question
    questions get gets got getting go goes going gone come comes use uses used using try tries tried trying know
    knows knew known think thinks thought mean means meant understand understands see sees seen look looks looking
    find finds found finding take takes took taken put puts say says said saying work works worked working keep
    keeps start starts add adds added adding include includes including included contain contains consider based
    follow following follows happen happens list lists listing detail details detailed example examples sample
    samples instance idea ideas suggest suggests suggestion suggestions recommend tips tip advice step steps summary
    short brief briefly concise sentence sentences paragraph paragraphs word words text line lines point points part
    parts piece version format style form output input result results content contents topic topics information info
    difference differences compare comparison explain discuss design implement handle change changes changed fix set
    sets setup check checks able assume act acts imagine pretend role expert assistant ai chatgpt gpt llm prompt
    prompts chat claude gemini etc eg ie dont also instead maybe perhaps probably however therefore per today now
    time times day days year years people person man woman number numbers minute minutes hour hours week weeks month
    months together mention mentions cover covers beginner beginners
"""
ENGLISH = frozenset(_ENGLISH_LIST.split())

# Chinese text is cut at these, so that what stays between them are mostly whole words.
_CHINESE_LIST = """
    的 了 和 与 及 但是 而且 并且 以及 或者 还是 因为 所以 如果 虽然 那么 然后 于是 因此 不过 只是 就是 也是 都是 是
    没有 被 把 对于 关于 为了 按照 根据 通过 随着 除了 之间 之后 之前 以后 以前 其中 其他 某个 每个 各 各种 各个
    所有 一些 有些 许多 很多 不少 几个 多个 一个 一种 一下 一段 一篇 一首 一封 一份 一条 一张 一句 一句话 一本 一位
    一家 一次 一点 一起 一样 一般 两个 三个 四个 五个 十个 两种 三种 第一 第二 我 我们 我的 你 你们 你的 您 您的 他
    她 它 他们 她们 它们 自己 大家 别人 这 这个 这些 这种 这样 这里 这段 这篇 这句 这句话 那 那个 那些 那种 那样
    那里 哪 哪个 哪些 哪里 哪种 谁 什么 什么是 是什么 为什么 怎么 怎么样 怎样 怎么办 如何 多少 何时 吗 呢 吧 啊 呀
    哦 嗯 嘛 啦 哈 哈哈 请 请问 请你 请您 请帮 请帮我 请给 请给我 请用 帮 帮我 帮忙 帮助 麻烦 麻烦你 提到 要提到
    大约 要点 讲清楚 说清楚 分钟 小时 也要 还要 同时 谢谢 感谢 你好 您好 好的 可以 能否 能不能 可不可以 可否 是否
    是不是 有没有 想要 想知道 想问 需要 应该 必须 会不会 可能 做个 做一个 写 写个 写一个 写一篇 写一首 写一封 写一段
    写出 编写 给出 给我 列出 列举 说明 说说 讲讲 介绍 介绍一下 解释 解释一下 描述 描述一下 分析一下 告诉 告诉我 回答
    问题 提问 生成 创建 制作 提供 推荐 推荐一下 建议 举例 举例子 例子 例如 比如 使用 利用 采用 进行 实现 完成
    帮忙看看 看看 看一下 知道 了解 理解 觉得 认为 区别 有什么区别 不同 比较 对比 方法 办法 方式 步骤 内容 情况 东西
    时候 地方 方面 部分 结果 意思 什么意思 具体 详细 简单 简短 简要 简洁 尽量 尽可能 直接 主要 重要 常见 常用 基本
    相关 合适 正确 不要 不是 不能 不会 很 非常 太 更加 最好 比较好 也 还有 就 只要 只有 已经 正在 一直 现在 今天
    目前 等等 即 即可 字左右 左右 以内 大概 大约 作为
"""
CHINESE = tuple(_CHINESE_LIST.split())
