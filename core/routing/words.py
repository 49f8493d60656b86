"""The table of words for `features`: each class lists English words and phrases and Chinese pieces.

English entries are lower case and match whole words, one to three in a row; from four letters on, a plural `s` is
ignored. Chinese has no spaces, so its entries match anywhere; they have two to four characters (one where that is
enough).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

LONGEST_PIECE_CHARACTERS = 4

CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "code": """
            python|java|javascript|typescript|rust|golang|sql|html|css|bash|regex|kotlin|haskell|scala|php|c++
            c#|code|coding|algorithm|debug|debugging|bug|compile|compiler|refactor|unit test|api|endpoint|docker
            kubernetes|function that|a function|the function|this function|implement|implementation|program that
            a program|script|class that|method that|data structure|linked list|binary tree|binary search
            hash map|dictionary of|array|recursion|recursive|dynamic programming|multithreaded|thread safe
            thread|mutex|deadlock|race condition|time complexity|space complexity|big o|o log|stack trace
            exception|traceback|segmentation fault|sorted list|subarray|substring|subsequence|query|database
            schema|website|web server|command line|parser|lexer|iterator
            代码|编程|程序|算法|脚本|调试|报错|编译|递归|数组|链表|二叉树|哈希|正则|接口|数据库|线程|死锁|并发
            复杂度|动态规划|单元测试|写函数|实现一个|重构|网页|子串|子序列|栈|队列|遍历|索引""",
        "deep_code": """
            dynamic programming|concurrent|concurrency|deadlock|race condition|thread safe|lock free|mutex
            memory leak|distributed system|distributed database|optimize|optimise|complexity|o log|big o|o n
            linear time|constant time|logarithmic|bottleneck|parser|compiler|interpreter|scheduler|cache
            transaction|recursive|recursion|backtracking|topological|shortest path|directed graph|subsequence
            subarray|permutation|common elements|median|sorted arrays
            动态规划|并发|死锁|线程安全|无锁|内存泄漏|分布式|优化|复杂度|解释器|编译器|调度器|缓存|事务|递归
            回溯|最短路|子序列|中位数|拓扑|幂等""",
        "maths": """
            equation|inequality|integral|integrate|derivative|differentiate|polynomial|quadratic|matrix|matrices
            vector|eigenvalue|determinant|triangle|circle|radius|perimeter|hypotenuse|angle|vertices|polygon
            circumference|probability|expected value|variance|permutation|combination|combinatorics|binomial
            dice|coin|remainder|divisible|divided by|modulo|prime|prime number|factorial|digit|integer
            real number|rational|irrational|logarithm|sine|cosine|tangent|solve|solve for|solution set|calculate
            compute|simplify|evaluate|maximum|minimum|maximize|minimize|convergence|converge|limit|series
            sequence|geometric|arithmetic|f x|function f|theorem|lemma|group|ring|field|homomorphism|abelian
            subgroup|topology|how many|how much|what percentage|percent|interest|average speed|total cost
            total amount|area|volume|sum|product|ratio|roots|number of ways
            方程|不等式|积分|导数|求导|多项式|矩阵|向量|特征值|行列式|三角形|圆|半径|周长|面积|体积|角度|概率
            期望|方差|排列|组合|余数|整除|质数|素数|阶乘|整数|实数|有理数|无理数|对数|正弦|余弦|计算|化简|解方程
            最大值|最小值|收敛|极限|数列|级数|等差|等比|定理|多少|百分之|利息|速度|总共|一共|平均|比例|求出|求解""",
        "deep_maths": """
            integral|derivative|differential equation|matrix|eigenvalue|determinant|combinatorics|modulo
            remainder|divisible|prime|convergence|converge|homomorphism|subgroup|topology|polynomial
            expected value|probability|number of ways|inequality|theorem|roots|integer solutions|complex number
            real numbers
            积分|微分|矩阵|特征值|行列式|余数|整除|质数|素数|收敛|同态|子群|多项式|期望|概率|不等式|定理|整数解
            数论|复数""",
        "proof": """
            prove|proof|prove that|disprove|show that|derive|derivation|derive the|induction|contradiction
            rigorous|rigorously|counterexample|if and only if|necessary and sufficient|formally
            证明|推导|归纳法|反证|反例|充要条件|充分必要|严格|当且仅当""",
        "logic": """
            puzzle|riddle|logic|logical|logically|deduce|deduction|infer|conclude|conclusion follow|follow from
            truth|liar|lie|knight|knave|true or false|always true|contradict|consistent|suppose|assume|assuming
            given that|sitting|seated|to the left|to the right|next to|in front of|behind|taller than
            shorter than|older than|younger than|faster than|sibling|brother|sister|who is|which one
            at least one|exactly one|exactly two|only one|facing|north|south|overtake|overtaken|weigh|weighing
            scale|river|crossing|prisoner|turn left|turn right|fallacy|premise|syllogism|argument valid|strategy
            game theory|nash|optimal|paradox|pattern|overtook|what position|your position|position now
            which direction|shadow|clockwise|weaken|undermine|father of|mother of|son of|daughter of|brother of
            sister of|how is he|how is she
            推理|逻辑|谜题|谜语|说谎|真话|假话|骗子|如果|假设|已知|推断|推出|结论|前提|左边|右边|相邻|隔壁|前面
            后面|比他|年龄|兄弟|姐妹|恰好|至少有|只有一|谁是|谁最|谁的|哪一个|左转|右转|面向|过河|称重|天平|帽子
            囚犯|悖论|规律|最优|策略|矛盾|第几|影子|朝哪|哪个方向|削弱|的父亲|的母亲|的儿子|的女儿|什么关系""",
        "steps": """
            step by step|show your work|show your working|show all steps|explain your reasoning|justify
            justify your|your reasoning|reason through|think carefully|in detail|trade offs|tradeoff|trade off
            analyze|analyse|edge case|root cause|pros and cons of each|critically|evaluate whether|worst case
            逐步|一步一步|步骤|推理过程|说明理由|给出理由|详细|权衡|分析|边界情况|根本原因|最坏情况|解题过程""",
        "demand": """
            must|must not|should not|without using|without|exactly|at least|at most|no more than|no fewer than
            only use|each|every|ensure|make sure|while also|as well as|in addition|additionally|constraint
            requirement|subject to|then|finally|also|both|respectively|handle|support|provided that|unless
            except|otherwise|avoid|never
            必须|不得|不能|不可以|不要|不超过|不少于|至少|至多|恰好|每个|每行|每一|确保|保证|同时|并且|此外|另外
            要求|限制|约束|条件|除了|否则|然后|最后|分别|支持|处理|避免""",
        "structure": """
            json|csv|yaml|xml|a table with|as a table|in a table|table of|nested|schema|key value|format
            output only|return only|markdown table|normalize
            表格|格式|字段|输出|嵌套|键值""",
        "extract": """
            extract|identify|list all|find all|from the text|from the passage|from the following|following text
            following passage|following paragraph|following review|following email|following article
            given the following|classify|categorize|sentiment|label|passage below|text below|mentioned in
            based on the text|keywords|main idea|scale of|named entities
            提取|抽取|找出|列出|文中|下文|下面的|以下文本|以下段落|根据文章|根据上文|分类|情感|关键词|主旨|识别""",
        "write": """
            write a|write an|write me|draft|compose|poem|haiku|limerick|song|lyrics|story|short story|essay|blog
            blog post|email|letter|speech|tweet|caption|slogan|headline|tagline|invitation|thank you|birthday
            announcement|paragraph|description|describe|descriptive|dialogue|screenplay|diary|review of
            cover letter|bio|toast|joke
            写一|写封|写首|写篇|作文|诗|故事|散文|邮件|信|演讲|文案|标语|口号|标题|祝福|请柬|通知|日记|段落|歌词
            笑话|对联|朋友圈|自我介绍|描述""",
        "rewrite": """
            rewrite|rephrase|paraphrase|proofread|polish|translate|translation|summarize|summarise|summary
            shorten|simplify this|correct the grammar|fix the grammar|grammar|grammatical|spelling|more formal
            more polite|synonym
            改写|润色|翻译|总结|概括|缩写|语法|错别字|校对|更正式|更礼貌|同义词|摘要""",
        "roleplay": """
            pretend|pretend to|act as|play the role|role of|roleplay|role play|you are a|you are an|you are the
            imagine you|imagine yourself|persona|in the style of|in the voice|as if you|embrace the role
            character|take on the role|interview with|respond as|speak as|stay in character|picture yourself
            扮演|假装|你是一|你现在是|角色|想象你|第一人称|的口吻|的语气|模仿|作为一名|作为一个|身份""",
        "chat": """
            hi|hello|hey|thanks|thank you|good morning|good night|how are you|please recommend|recommend
            recommendation|suggest|suggestion|tip|advice|ideas for|idea|favorite|favourite|feel|weekend|recipe
            birthday|gift|movie|travel|vacation|hobby|breakfast|dinner|name for
            你好|您好|谢谢|早上好|晚安|推荐|建议|主意|点子|喜欢|周末|菜谱|怎么做菜|礼物|电影|旅游|旅行|爱好|早餐
            晚饭|取个名""",
        "fact": """
            what is the|what are the|who was|who wrote|who invented|when did|when was|where is|capital of
            what year|define|definition of|meaning of|stand for|what does|which country|which city
            how do you say|spell
            是什么|什么是|谁写|是谁|哪一年|什么时候|在哪|首都|定义|什么意思|含义|哪个国家|简称|怎么读|多高|哪座""",
        "explain": """
            explain|describe how|discuss|why do|why does|why is|how does|how do|difference between|compare
            contrast|overview|introduce|introduction|history of|impact of|effect of|influence|significance
            role in|benefits|advantages
            解释|讨论|为什么|区别|比较|对比|概述|介绍|历史|影响|意义|作用|好处|优点|简述|谈谈""",
        "science": """
            quantum|relativity|thermodynamic|entropy|enthalpy|electron|photon|wavelength|momentum|velocity
            acceleration|torque|magnetic|voltage|capacitor|circuit|molar|mole|titration|equilibrium|oxidation
            reaction|isotope|orbital|cell|membrane|dna|rna|muscle|nerve|bone|blood|hormone|organism|plant
            bacteria|virus|molecule|atom|acid|planet|star|enzyme|protein|genome|genetic|allele|mutation
            transcription|mitochondria|neuron|receptor|antibody|hamiltonian|semiconductor|neural network
            gradient|regression|bayesian|heteroskedasticity|stationary|estimator|kernel
            量子|相对论|热力学|熵|焓|电子|光子|波长|动量|加速度|力矩|磁场|电压|电路|摩尔|滴定|平衡|氧化|同位素
            细胞|细胞膜|肌肉|神经|骨|血液|激素|细菌|病毒|分子|原子|行星|恒星|酶|蛋白质|基因|突变|线粒体|神经元
            受体|抗体|半导体|神经网络|梯度|回归|贝叶斯""",
        "law": """
            defendant|plaintiff|statute|court|contract|liability|negligence|prosecution|constitutional|jury
            felony|landlord|tenant|deed|lawsuit|sued|sue|buyer|seller|homicide|murder|trial|testimony
            evidence admissible|appeal|tort
            被告|原告|法院|合同|责任|诉讼|宪法|条款|判决|起诉|上诉|侵权""",
        "medicine": """
            patient|year old|symptom|diagnosis|diagnose|physical examination|laboratory|blood pressure|treatment
            chronic|therapy|syndrome|lesion|artery|mmhg|mg|dose|pathogen|infection
            患者|症状|诊断|体征|血压|治疗|综合征|剂量|感染""",
        "society": """
            government|president|congress|policy|political|politics|election|party|democracy|war|foreign|state
            nation|empire|market|marketing|brand|customer|consumer|organization|manager|management|media|public
            culture|social|society|moral|morality|ethics|ethical|virtue|philosopher|religion|religious|church
            god|city|country|population|king
            政府|总统|国会|政策|政治|选举|政党|民主|战争|国家|帝国|市场|营销|品牌|顾客|消费者|组织|管理|媒体
            文化|社会|道德|伦理|哲学家|宗教|教会|城市|人口|国王""",
        "profession": """
            accounting|audit|auditor|tax|taxable|depreciation|cash flow|bond|stock|inventory|asset|balance sheet
            income|psychologist|psychology|psychological|counselor|client|therapist|assessment|validity
            reliability|cognitive|fossil|artifact|archaeological|species|evolution|evolved|ancestor
            population genetics|classifier|training set
            会计|审计|税|折旧|现金流|债券|股票|库存|资产|负债|心理学|咨询师|治疗师|测评|信度|效度|认知|化石|考古
            物种|进化""",
        "judge": """
            statement 1|statement 2|scenario 1|scenario 2|which of these|following statement|statement is true
            statement is false|wrong not|not wrong|true true|true false|false true|false false|i and ii
            ii and iii|i only|ii only|both statement
            下列说法|以下说法|下列陈述|正确的是|错误的是|说法正确""",
        "compare": """
            more than|less than|fewer than|more|less|fewer|longer|taller|older|younger|faster|greater|larger
            smaller|higher|lower|slower|than|increase|decrease|increases|decreases|reduced
            比|更多|更少|大于|小于|高于|低于|增加|减少""",
        "share": """
            half|third|what percent|what percentage|what fraction|what is the average|quarter|fourth|fifth|sixth
            tenth|percent|percentage|fraction|average|mean|ratio|twice|double|triple|times as|proportion
            一半|三分之|四分之|百分|比例|平均|两倍|倍""",
        "average": """
            average|mean|ratio|average speed|what is the average
            平均|比例""",
        "quantity": """
            how many|how much|how long|how far|how old|how tall|how big|how fast|how often|how heavy
            what percentage|what percent|what fraction|what is the total|what was the total|total cost
            total amount|what is the average|calculate
            多少|几个|几只|几天|几小时|几人|几次|几岁|多长|多久|多远|一共|求""",
        "order": """
            then|after|before|first|next|later|until|again|originally|initially|remaining|rest|left|start|begin
            之后|之前|首先|接着|后来|原来|最初|剩下|剩余|还剩""",
        "link": """
            and|both|all|together|but|however|although|because|since|if|when|while
            因为|所以|但是|虽然|如果|而且|以及""",
        "negation": """
            not|except|least|never|none|neither|no|cannot
            不是|不属于|除外|没有|并非""",
        "why": """
            why|reason|because|due to|how
            为什么|原因|为何""",
    }
)


@cache
def lexicon() -> Mapping[str, tuple[str, ...]]:
    """Give every entry with the classes it belongs to."""
    entries: dict[str, tuple[str, ...]] = {}
    for name, words in CLASSES.items():
        for entry in filter(None, (piece.strip() for piece in re.split(r"[|\n]", words))):
            entries[entry] = (*entries.get(entry, ()), name)
    return MappingProxyType(entries)


@cache
def chinese_lengths() -> Mapping[str, tuple[int, ...]]:
    """Give the lengths of the entries that begin with a Chinese character, the longest first."""
    by_first: dict[str, set[int]] = {}
    for entry in lexicon():
        if entry[0] >= "㐀":
            by_first.setdefault(entry[0], set()).add(len(entry))
    return MappingProxyType({first: tuple(sorted(lengths, reverse=True)) for first, lengths in by_first.items()})


@cache
def phrase_lengths() -> Mapping[str, Mapping[str, int]]:
    """For a word that begins an entry: the number of words of the longest one, by its second word ("": it alone)."""
    longest: dict[str, dict[str, int]] = {}
    for entry in lexicon():
        first, *rest = entry.split(" ")
        seconds = longest.setdefault(first, {"": 1})
        if rest:
            for second in (rest[0], f"{rest[0]}s"):
                seconds[second] = max(seconds.get(second, 0), 1 + len(rest))
    return MappingProxyType(longest)
