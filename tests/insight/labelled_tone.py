"""Prompts with the tone that a reader hears in them: + positive, - negative, = neither. Written for these tests.

`TUNED` were looked at while the word lists were made; `HELD_OUT` were not, and give the rates in docs/insights.md.
A label is what the writer feels or thinks of the answer, not what the requested work is about.
"""

from __future__ import annotations

ENGLISH_TUNED = """
+ Perfect, thank you so much!
+ That worked on the first try, awesome.
+ This explanation is really clear, I finally get recursion.
+ Great summary. Now do the same for chapter two.
+ I love the second version of the poem.
+ You saved my weekend, thanks a lot!
+ Brilliant, exactly the tone I was hoping for.
+ Nice, the tests pass now.
+ Wow, that's impressive.
+ I'm so happy, I got the job! Help me write a thank-you note.
+ Thanks, that makes sense.
+ Good answer. Could you also cover the edge cases?
+ This is the best recipe I've tried so far.
+ Excellent work, the layout looks beautiful now.
+ My daughter was delighted with the bedtime story.
+ That's a wonderful idea, let's go with it.
+ It runs twice as fast now, fantastic!
+ I really appreciate the detailed steps.
+ Cool, I learned something new today.
+ Yes! The build is green again, you're a lifesaver.
+ Much better than the last draft, well done.
+ I'm excited about this trip, what should I pack?
+ Your translation sounds natural and elegant.
+ haha that joke made my day
- This is wrong again.
- Your code doesn't work.
- Stop apologizing and just answer the question, this is annoying.
- I'm so frustrated, nothing compiles.
- That's not what I asked for.
- Useless answer.
- You keep making the same mistake, it's ridiculous.
- I feel terrible today and can't focus on anything.
- Why are you so slow?
- The summary is awful, it misses every important point.
- This is the worst translation I have ever read.
- I hate how you always add a disclaimer.
- You ignored half of my instructions. Very disappointing.
- My boss yelled at me in front of everyone and I feel humiliated.
- These citations are fake, you made them up!
- I'm worried that I will lose my job next month.
- No, that's nonsense.
- It still crashes and I've wasted three hours on this.
- I'm tired of repeating myself.
- Terrible. Try again.
- My grandmother died last week and I am heartbroken.
- The answer is confusing and far too long.
- I'm really anxious about the exam tomorrow.
- What is wrong with you? I said no tables!
- Your last reply was lazy and sloppy.
- I'm stuck and this stupid library has no documentation.
= Write a Python function that reverses a linked list.
= How do I kill a process that hangs on port 8080?
= Translate this letter of complaint into German.
= What is the capital of Australia?
= Explain the causes of the First World War.
= Fix the error in this SQL query.
= Write a sad poem about a lost dog.
= Compare PostgreSQL with SQLite for a small web app.
= Summarize the following article in five bullet points.
= What does segmentation fault mean?
= List ten synonyms of happy.
= Convert 12 km to miles.
= You are a senior recruiter. Rate this CV from 1 to 10.
= Draft an apology email to a customer whose parcel was damaged.
= Is there a difference between async and threads?
= Continue.
= Use a table with three columns.
= My function returns None instead of a list.
= I have a meeting with the finance team on Thursday.
= The server runs Ubuntu 22.04 and has 8 GB of memory.
= Classify the sentiment of this review: I hate this phone.
= How many people died in the Black Death?
= Now add unit tests for the edge cases.
= Which chess opening is the most popular among beginners?
= Give me three slogans for an eco-friendly soap.
= Shorten it to 100 words.
= What are the risk factors for heart disease?
= The column names are id, name and created_at.
= Should I use a bar chart or a line chart for monthly revenue?
= The train leaves Lyon at 14:05 and arrives at 16:10.
"""

ENGLISH_HELD_OUT = """
+ Superb, this is just what the client wanted.
+ Thank you, that fixed the memory leak.
+ I'm thrilled with how the cover letter turned out.
+ Lovely, my students enjoyed the quiz.
+ Works like a charm!
+ That was really helpful, I understand pointers now.
+ Amazing, you even found the off-by-one.
+ I like this version more, it feels warmer.
+ Great, next question.
+ We won the hackathon with this prototype, I can't believe it!
+ Very good, keep this style.
+ You explained that better than my professor.
+ The rhymes are charming and funny.
+ Perfect. Now translate it into Spanish.
+ I feel much calmer after talking this through.
+ Thanks for your patience, this is a huge relief.
+ Incredible how neat the refactored code looks.
+ Happy with that, ship it.
+ So glad I asked, that clears everything up.
+ It's a pleasure to work with you.
+ What a clever trick!
+ My essay got an A, thank you!
+ I am proud of this little game, want to see the code?
+ Finally a sensible answer, much appreciated.
+ The new outline is excellent.
- This makes no sense at all.
- You misunderstood me again.
- I'm disappointed, the last model was better at this.
- It doesn't compile and the explanation is garbage.
- I feel lonely since I moved to this city.
- That is simply false.
- You clearly didn't read the file I sent.
- Horrible layout, the text overlaps the logo.
- I'm afraid I failed the interview and I feel miserable.
- Your answers have become dumber every week.
- I asked for five items and you gave me three. Unacceptable.
- Ugh, the same bug is back.
- I'm angry with my landlord, he refuses to repair the heating.
- Bad idea, that would delete the production data.
- This is so boring and generic.
- The tone is rude and the facts are incorrect.
- I can't sleep because of the pressure at work.
- Don't lie to me, that function does not exist.
- The poem is ugly, the rhythm is broken in every line.
- I regret buying this course.
- Nope, still wrong.
- I'm overwhelmed by these deadlines and close to giving up.
- Your sarcasm is not funny.
- Why do you always refuse? It's so irritating.
- The numbers don't add up, this report is a mess.
- My cat is sick and I'm scared.
= Generate a regex that matches ISO dates.
= Explain the difference between fear and anxiety in psychology.
= How can I abort a git rebase?
= Rewrite the paragraph in a formal tone.
= What time is it in Tokyo when it is noon in Berlin?
= Write a horror story of 300 words.
= The file has 2,000 rows and four columns.
= Translate "I am sorry for your loss" into Italian.
= Why is the sky blue?
= I use Windows 11 and Python 3.12.
= Suggest a name for a bakery in Dublin.
= What is the best way to store passwords?
= Describe the plot of Romeo and Juliet.
= Make the headline shorter and add a call to action.
= Prove that the square root of two is irrational.
= Next, convert the table to CSV.
= Our company sells furniture in three countries.
= How does a vaccine work?
= Find the bug in this loop.
= Create a workout plan for four days a week.
= Who wrote Crime and Punishment?
= Answer in one sentence.
= Outline a speech for the funeral of a colleague.
= Can you explain dead code elimination?
= The API returns status 429 after ten requests.
= Calculate the monthly payment for a loan of 20,000 at 4 percent.
= Give the pros and cons of nuclear power.
= It should run every day at six in the morning.
= What were the main weaknesses of the Roman Republic?
= Turn these notes into minutes of the meeting.
"""

CHINESE_TUNED = """
+ 太好了，终于跑通了，谢谢你！
+ 这个解释很清楚，我一下就懂了。
+ 写得真不错，我很喜欢第二段。
+ 完美，就是我想要的效果。
+ 感谢你的耐心解答，帮了大忙。
+ 哈哈哈，这个笑话太好笑了。
+ 我拿到录用通知了，好开心！
+ 翻译得很地道，比我自己写的强多了。
+ 可以，思路清晰，继续。
+ 你比上一个模型聪明多了。
+ 厉害，一次就通过了所有测试。
+ 今天心情特别好，想写点东西。
+ 这份计划很实用，我会照着做。
+ 谢谢，已经解决了。
+ 这首诗意境优美，我很感动。
+ 效率真高，省了我一下午的时间。
+ 孩子听了这个故事很高兴，还想再听一个。
+ 不错不错，比昨天的版本好多了。
+ 老师夸我的作文有进步，多亏了你。
+ 很期待这次旅行，帮我列个清单吧。
+ 这个名字取得很妙，老板很满意。
+ 回答得很专业，佩服。
+ 没让我失望，果然靠谱。
- 你又答错了，能不能认真一点？
- 这段代码根本跑不起来，浪费我时间。
- 太失望了，完全不是我要的东西。
- 你写的什么玩意，全是废话。
- 最近压力很大，晚上总是睡不着。
- 这个翻译太生硬了，一股机翻味。
- 回答太慢了，急死人。
- 我不喜欢这个结尾，太俗套。
- 你在胡编乱造，这篇论文根本不存在。
- 我和女朋友分手了，心里很难受。
- 不对，还是错的。
- 答非所问，我问的不是这个。
- 真让人无语，说了三遍了还是不改。
- 面试又没过，感觉自己很没用。
- 图表配色很难看，重新做。
- 你能不能别再道歉了，烦死了。
- 这个库的文档写得一塌糊涂，看得我头疼。
- 我担心下周的手术，有点害怕。
- 总结得太差了，重点全漏掉了。
- 越来越笨了，以前的版本好用多了。
- 被领导当众批评，觉得很委屈。
- 这些数据是假的，你骗我。
- 为什么你总是拒绝回答，真气人。
- 没有任何帮助，算了。
- 不太满意，语气太冷淡了。
- 学了三个月还是听不懂，我想放弃了。
= 用 Python 写一个快速排序。
= 把下面这段话翻译成英文。
= 什么是垃圾回收机制？
= 帮我写一封投诉信，快递把东西弄坏了。
= 解释一下死锁产生的四个必要条件。
= 写一首悲伤的诗，题目是《秋雨》。
= 总结这篇文章的主要观点。
= 北京到上海的高铁要多久？
= 请列出二十个表示高兴的成语。
= 如何修复这个报错？
= 比较一下 MySQL 和 PostgreSQL 的差别。
= 我用的是 Windows 11 和 Python 3.12。
= 给这家奶茶店起五个名字。
= 继续。
= 字数控制在三百字以内。
= 第三列是日期，第四列是金额。
= 判断这条评论的情感倾向：这家店太坑了。
= 求函数 f(x)=x^2-3x 的最小值。
= 你是一名资深律师，请审查这份合同。
= 红楼梦的作者是谁？
= 抑郁症有哪些常见症状？
= 程序在第十行崩溃，返回值是空指针。
= 把表格转换成 JSON 格式。
= 公司下周三要开季度会议，参会的有三个部门。
= 恐怖片和惊悚片有什么区别？
= 设计一个四天的健身计划。
= 爱因斯坦提出相对论是在哪一年？
= 接口返回 429，每分钟只能请求十次。
= 改成正式一点的语气。
= 为什么天空是蓝色的？
= 好的，那第二题呢？
"""

CHINESE_HELD_OUT = """
+ 非常棒，客户一次就通过了方案。
+ 谢谢，你讲得比我们老师还明白。
+ 这个点子很有创意，就用它了。
+ 代码很优雅，学到了。
+ 好厉害，连边界情况都考虑到了。
+ 我的论文被录用了，太激动了！
+ 辛苦了，这一版可以直接交了。
+ 语气温暖自然，正合我意。
+ 和你聊完感觉轻松多了。
+ 这个方法真管用，内存降了一半。
+ 文案很吸引人，点击率涨了不少，开心。
+ 不愧是最新的模型，推理很严谨。
+ 太贴心了，还帮我标了重点。
+ 妈妈很喜欢我做的这道菜，多谢你的菜谱。
+ 嗯，这次对了，很好。
+ 今天阳光很好，和朋友爬山特别快乐。
+ 排版漂亮，看着舒服。
+ 答得又快又准，点赞。
+ 多亏你提醒，我避开了一个大坑，感激不尽。
+ 这个比喻很生动，一下子就记住了。
+ 我女儿考上了理想的大学，全家都很骄傲。
+ 挺好的，再来一个类似的。
+ 爱了，这配色绝了。
+ 有你帮忙真是太幸运了。
+ 终于能睡个好觉了，谢谢你的建议。
- 你根本没看我发的文件。
- 写得太空洞了，没有一点干货。
- 又是这种套话，我看腻了。
- 我都快被这个需求逼疯了。
- 算得不对，连加法都能错。
- 一个人在外地过年，觉得好孤独。
- 你的回答自相矛盾，前后都对不上。
- 太啰嗦，三句话能说清的事写了一大篇。
- 考试没及格，心情很低落。
- 这个方案风险太大，我不同意。
- 为什么你老是忘记我前面说的话？很烦。
- 引用的链接全部打不开，太不靠谱了。
- 邻居每天半夜装修，我快崩溃了。
- 笑话一点都不好笑。
- 别再给我列清单了，受够了。
- 画出来的表格乱成一团，没法用。
- 我妈生病住院了，我很难过也很害怕。
- 改了十遍还是老样子，真没劲。
- 你这是在敷衍我吧？
- 服务太差，客服半天不回，气死我了。
- 这篇作文立意平庸，语言也很枯燥。
- 对未来很迷茫，不知道该怎么办。
- 结论是错误的，误导人。
- 加班到凌晨两点，整个人都快垮了。
- 这个模型变笨了，连简单的题都做不对。
- 买的课程完全不值这个价，后悔了。
= 写一个匹配手机号的正则表达式。
= 请把会议记录整理成待办事项。
= 介绍一下第二次世界大战的起因。
= 怎么在 Linux 上杀死一个进程？
= 帮我润色这封道歉邮件。
= 讲一个三百字的恐怖故事。
= 这个文件有两千行，四列。
= “节哀顺变”用英语怎么说？
= 推荐三本适合初学者的经济学入门书。
= 二分查找的时间复杂度是多少？
= 我们公司主要做家具出口，客户在欧洲。
= 证明根号二是无理数。
= 最后再加一个结论段。
= 梁山伯与祝英台讲的是什么故事？
= 疫苗是怎样起作用的？
= 用一句话回答。
= 帮我给新来的同事写一段欢迎词。
= 把标题改短一些，并加上日期。
= 合并冲突应该怎么处理？
= 贷款二十万，年利率百分之四，每月还多少？
= 核电的优点和缺点分别有哪些？
= 每天早上六点运行一次。
= 给婚礼写一段祝福语。
= 如果一个人每天焦虑，可以做哪些运动？
= 列出罗马共和国灭亡的主要原因。
= 现在是东京时间几点？
= 函数返回的是 None，不是列表。
= 分析这家公司的竞争优势。
= 明天要去医院体检，需要空腹吗？
= 下一题。
"""


def read(block: str) -> list[tuple[str, str]]:
    """(text, positive, negative or neutral) of each line."""
    names = {"+": "positive", "-": "negative", "=": "neutral"}
    return [(line[2:], names[line[0]]) for line in block.strip().splitlines()]


TUNED = {"en": read(ENGLISH_TUNED), "zh": read(CHINESE_TUNED)}
HELD_OUT = {"en": read(ENGLISH_HELD_OUT), "zh": read(CHINESE_HELD_OUT)}
