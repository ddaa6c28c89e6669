"""How usual a character is in the text of Chinese maps and tables: the measure of every guess at encodings.

The four lists hold the characters of China's 620,000 published village, town and county names, the most usual
first, in simplified form and, where it differs, in traditional form. A weight is the natural logarithm of the
share of text that one character makes up, so the weights of a text add up to its likelihood.
"""

from typing import Final

_EVERYWHERE = (
    "村会委民员区社居镇庄家街道东山新西大乡南河龙北子城桥沟石王园马三里小安路林场兴塘张水高头寨金营湾坪上"
    "會員區鎮莊東鄉龍橋溝園馬裡場興張頭營灣"
)
_OFTEN = (
    "江中口阳平溪白黄湖李杨岭前楼田花下店庙刘华和后县红双二生长沙屯岗五市泉坝门台海活丰一木永青古合族集陈"
    "四官关坡堡福克光源赵寺树星农天塔嘎八拉井文查太明凤巴苑十老罗乐连尔格联第业郭地云峪柳铺建胜发万坊六苏"
    "开峰坑周港川七宝辛朱洞九竹富团清牛梁洋德土康房吉岩阿玉滩胡达吴孙铁兰徐窑日洼州公元隆勒都利心堂松曹韩"
    "陽黃楊嶺樓廟劉華後縣紅雙長崗壩門臺豐陳關趙樹農鳳羅樂連爾聯業雲鋪勝發萬蘇開寶團巖灘達吳孫鐵蘭窯窪韓"
)
_COMMON = (
    "布方宋乌武梅埠济宁桃冲洲管洪工仁同潭义经化池广莲车墩良麻昌夏瓦旗厂柏草理滨角风孟杜国板丁圩景朝香院董"
    "羊横岔通各春亭唐科边毛仙保庆渡常郑哈观荣百虚拟库范盘进盛曲贾黑鲁茶果旺冯巷依于美窝力英那干向桂分锦蔡"
    "站顺魏斯洛苗许祥潮谷银姚何岳虎底什芦产尚结崔珠普流府月望吕甲甘崖图回堰秀潘齐原学程彭扎技油鱼幸温立堤"
    "泰托固临艾谢加户沿屋陵佛热泥火凰畈军陶紫袁喀姜段汪肖桐叶其多正浦仓侯玛汉音渠满司留桑赤孔孜博疃来余雅"
    "亚人群种咀秦卡界任术定榆蒋升牧岸葛自友嘉宫代燕宅米汤治狮郎雷灵薛惠务鹿贤特磨梨皇涧郝垭甸史枫牌鹤渔卫"
    "章瑶闫成乔阁环先杏邓泽包斗解瑞黎神枣柴沈邵钟京茅两顶坨坳半尾庵嘴菜字丹贺迎萨陂爱所荷纳善坎尹蒲强彝省"
    "吾焦绿付尧荆育队麦蒙盐莫圈栗堆炉千寿远霞尖陆津鸡号背邱岙茂裕旧佳根邢围设凉盖碧矿槐排益锋彦崇汇坞圪腰"
    "宏郊复局主外信内行振吐铜虹儿提呼埔处放泗朗申圣坦泊左全翠浪当野相色卜基杖峡霍棚樟宜岛屏丽尼贡卢塬鼓纪"
    "烏濟寧衝義經廣蓮車廠濱風國橫邊慶鄭觀榮虛擬庫範盤進賈魯馮於窩幹錦順許銀嶽蘆產結呂圖齊學魚溫託臨謝戶熱"
    "軍葉倉瑪漢滿來餘亞種術蔣宮湯獅靈務賢澗埡楓鶴漁衛瑤閆喬閣環鄧澤鬥棗鍾兩頂賀薩愛納強綠堯荊隊麥鹽慄爐壽"
    "遠陸雞號舊圍設涼蓋礦鋒彥匯塢復內銅兒處聖當峽島麗貢盧紀"
)
_KNOWN = (
    "赛登思秋禾游商落电弄庞耿贵波雄谊飞钱谭共樊舍跃直蓝才垌年悦卧辉世棠如兵宗套驿闸敖召伊淮师鸣教恰交象党"
    "翟藏祝凌陇畔恒步深尕掌脚壁则礼雪烟运机夹雨政皮贝坂尤宾阔碑碾曼梓君有巨栾曙伦戈严雁润畲祁响厝夼彩希延"
    "裴买湘芳独伍梧曾书时阎灯甫冷垅牙盆浩岱怀豆鞍施戴浮丘阜繁打部单欧鑫久槽顾船柯泾杉勐鹅坛士恩航昆忠名腾"
    "馨亮办鸭间季邑祠芝祖乃奇仲孝作聂卓杭岐厚翁庭纸创索勤苇荒鸿码箐聚鲍班将好垦护欣岚伏瓜陡腊殷娘事坟冶毕"
    "晓别得童侨娄熊傅墙骆翔锡怡斜架法帕耳茨觉孤蓬辽漳面皋增砂靳屿御苍封沁姑靖际绣穆邹芒艺然楚棉寮垸维支蕉"
    "粮鲜伯殿涌龚真俄本重舒森畜钢印奎楠佐劳郢喜拐阴照志首众淖禄空哨廖盟条旭邦宿额垛脑晋冢琼蒿峁片归谐灰皂"
    "密慈协泡扬冈凯渭央煤易峨蓉沃者冠罕宣威拜颜扶驼殖仪柿智诺监素芙儒更凹养郡丈母也杆奥展匠宇柱砖拱厢柘螺"
    "垣桦药驾旦澄韦贯涂席沱荡倪睦沽壕仑巩示敦仔总厦应牟现意乾均褚灶酒转埝旅汶迪馆级眼核锅绥珍察静物葫晏徽"
    "岘莱宽岑墅饶喇启权衣候埭砦棵越垴禹狱晨鼎舟度革栖态涝径措烧对咸碱汀夫培露健项栏女姬汾麟刁棋琴稻枝身积"
    "烈枧体澜漫杰过汗位故蟠占校贸接演伟梯练形檀钦征拖列屈沧豪若纺埂昭赖圳兆笔帽墨比可辰由零修浒韶起箭陀仕"
    "税蛟午榜让功诸偏端细限帮寒弓靠芹融镜耀综帝服摆迳鳌股少锁无窦浜么战符显灌鹏凡刀猫鄂坤侗芭鸦资暖衡冀右"
    "荔漕舜雀洗荫丝敬圆容招垓炭品狼伙早菱洒墟厅收骑补沂妙垡诚采指亩澳砚崮实带不报苟昂欢箕垄动造财晖寇硕历"
    "嵩濮哇钓境鹰圃冉录拥韵炮盈渚努念榕卞滕朵椿勇羌衙襄麓座走阮奋梭切玄能詹丛把兔杠沐呷假简朋初颐雾翰廉剑"
    "汝域琅蹄朴郜滚目榨藤吊兜轩迁甄奉拔梦肯槎硐臧移碗抚仰丙鲤足氏栅闵潞蛇坭锣防秧逸眉等涯块知含嘛瓮戚潼菊"
    "賽遊電龐貴誼飛錢譚躍藍悅臥輝驛閘師鳴黨隴恆腳則禮煙運機夾貝賓闊欒倫嚴潤響買獨書時閻燈懷單歐顧涇鵝壇騰"
    "辦鴨間聶紙創葦鴻碼鮑將墾護嵐臘墳畢曉別僑婁牆駱錫覺遼嶼蒼際繡鄒藝維糧鮮湧龔鋼勞陰眾祿條額腦晉瓊歸諧皁"
    "協揚岡凱顏駝儀諾監養奧磚廂樺藥駕韋貫塗蕩侖鞏總廈應現轉館級鍋綏靜峴萊寬饒啟權獄棲態澇徑燒對鹹鹼項欄積"
    "體瀾傑過佔貿偉練欽徵滄紡賴筆滸稅讓諸細幫鏡綜擺逕鰲鎖無竇麼戰顯鵬貓鴉資蔭絲圓夥灑廳騎補誠採畝硯實帶報"
    "歡壟動財暉碩歷釣鷹錄擁韻奮叢槓簡頤霧劍樸滾軒遷夢撫鯉柵閔鑼塊甕"
)

_BY_LIST: Final = ((_EVERYWHERE, -4.3), (_OFTEN, -7.0), (_COMMON, -8.4), (_KNOWN, -9.8))
# Plain ranges, first hit wins; a character of none of them is foreign to such a file.
_BY_RANGE: Final = (
    ("\x00", "\x7f", 0.0),
    ("\x80", "\x9f", -22.0),
    ("\u3000", "\u301f", -8.5),
    ("\uff01", "\uff5e", -8.5),
    ("\u2010", "\u2027", -9.5),
    ("\u2460", "\u249b", -9.5),
    ("\u2160", "\u217b", -10.0),
    ("\xb7", "\xb7", -9.0),
    ("\xc0", "\xff", -10.5),
    ("\u0100", "\u07ff", -13.0),
    ("\u3040", "\u30ff", -12.0),
    ("\uac00", "\ud7a3", -10.5),
    ("\ue000", "\uf8ff", -17.0),
    ("\ufffd", "\ufffd", -30.0),
    ("\u3400", "\u4dbf", -17.0),
    ("\U00020000", "\U000323af", -17.5),
)
_FIRST_SET, _SECOND_SET, _LARGER_SET, _FOREIGN = -12.5, -14.0, -16.5, -17.0


def _weigh(character: str) -> float:
    """The weight of a character that no list names: by its range, a Chinese one by its oldest set."""
    if "\u4e00" <= character <= "\u9fff":
        return _weigh_hanzi(character)
    return next((weight for low, high, weight in _BY_RANGE if low <= character <= high), _FOREIGN)


def _weigh_hanzi(character: str) -> float:
    """GB2312 and Big5 both put their everyday characters first and the rest behind."""
    old = [_in_set(character, "gb2312"), _in_set(character, "big5")]
    if b"\xb0" <= old[0] < b"\xd8" or b"\xa4" <= old[1] < b"\xc9":
        return _FIRST_SET
    return _SECOND_SET if old[0] else _LARGER_SET


def _in_set(character: str, codec: str) -> bytes:
    try:
        return character.encode(codec)
    except UnicodeEncodeError:
        return b""


class _Weights(dict[str, float]):
    """The weight of every character met so far; a new one is weighed once."""

    def __missing__(self, character: str) -> float:
        weight = self[character] = _weigh(character)
        return weight


WEIGHTS: Final = _Weights({one: weight for block, weight in reversed(_BY_LIST) for one in block})
"""The weight of any character: 0 for ASCII, about -5 for 村, -17 for a character nobody uses."""
RARE: Final = -13.5
"""Below this a Chinese character is one that a wrong encoding brings forth sooner than a village's name."""


def weigh_text(text: str) -> float:
    """The sum of the weights of a text's characters; ASCII weighs nothing."""
    return sum(map(WEIGHTS.__getitem__, text))
