/// Sentences of a support desk in one language, from which transcripts are put together.
///
/// `{order}`, `{product}` and `{price}` are filled in.
struct Phrasebook: Sendable {
    /// As the service's `language` has it.
    let language: String
    /// First sentences of customers.
    let openings: [String]
    /// Further sentences of customers.
    let details: [String]
    let answers: [String]
    let closings: [String]
    let names: [String]

    /// The languages of the sample shop, by how often it hears them.
    static let all: [Phrasebook] = [
        english, german, croatian, arabic, hebrew, japanese, chinese, hindi, thai, french,
    ]

    static let products = [
        "Walnut desk lamp", "Tea kettle “Nordlicht”", "Džezva 0,3 l", "Notebook A5 / dotted", "雨傘 (folding)", "Café filter 4×100",
    ]

    static let english = Phrasebook(
        language: "en",
        openings: [
            "Hi, where is my order {order}? It was due on Monday.",
            "The {product} arrived with a crack in the glass.",
            "I'd like to return the {product}; it doesn't fit.",
            "I was charged {price} twice for order {order}.",
            "Can I still change the delivery address of {order}?",
        ],
        details: [
            "The parcel page has said \"in transit\" for four days now.",
            "I attached a photo; the box itself looked fine.",
            "I paid by card, and the statement shows both amounts.",
            "It's a present, so it would have to be here by Friday.",
            "My neighbour may have taken it in, I'll ask her tonight.",
        ],
        answers: [
            "Thank you for your patience, I'm looking at order {order} now.",
            "The carrier has it in the depot; it goes out tomorrow morning.",
            "I've refunded {price} to the card you paid with. Banks take 3–5 working days to show it.",
            "I'm sorry about that. A new {product} leaves our warehouse today, and you needn't send the broken one back.",
            "You'll find the return label in your account under Orders → Returns.",
            "The address can be changed until the parcel is packed, which for {order} will be at 16:00.",
        ],
        closings: ["Great, thanks!", "That solves it. Have a nice day.", "Ok – I'll wait until Friday then."],
        names: ["Late parcel", "Refund for a double charge", "Broken on arrival", "Address change", "Return, unopened"]
    )

    static let german = Phrasebook(
        language: "de",
        openings: [
            "Guten Tag, wo bleibt meine Bestellung {order}?",
            "Die Lieferung war unvollständig, es fehlt: {product}.",
            "Ich möchte den Betrag von {price} zurückerstattet haben.",
        ],
        details: [
            "Die Sendungsverfolgung zeigt seit Tagen nichts Neues.",
            "Können Sie bitte prüfen, ob die Adresse (Große Straße 5, Köln) stimmt?",
            "Ich habe per Überweisung bezahlt; der Beleg hängt an.",
        ],
        answers: [
            "Vielen Dank für Ihre Geduld, ich prüfe {order} sofort.",
            "Das Paket liegt im Verteilzentrum und wird morgen zugestellt.",
            "Die Rückerstattung über {price} ist veranlasst und dauert drei bis fünf Werktage.",
            "Wir schicken Ihnen den Artikel {product} kostenlos nach.",
        ],
        closings: ["Alles klar, danke schön!", "Prima. Schöne Grüße aus Köln."],
        names: ["Lieferung verspätet", "Rückerstattung", "Artikel fehlt – bitte prüfen"]
    )

    static let croatian = Phrasebook(
        language: "hr",
        openings: [
            "Dobar dan, gdje je moja narudžba {order}?",
            "Stiglo mi je oštećeno: {product}.",
            "Naplaćeno mi je {price} umjesto dogovorenog iznosa.",
        ],
        details: [
            "Dostavljač je ostavio obavijest, ali u pošti ništa ne znaju.",
            "Šaljem sliku kutije i računa. Žurno je!",
            "Adresa je Ulica đaka Čovića 7, Šibenik.",
        ],
        answers: [
            "Hvala na strpljenju, provjeravam narudžbu {order}.",
            "Paket je u skladištu i kreće sutra ujutro.",
            "Povrat od {price} je odobren; vidjet ćete ga za nekoliko dana.",
        ],
        closings: ["Hvala lijepa!", "U redu, čujemo se."],
        names: ["Kašnjenje pošiljke", "Oštećena roba", "Povrat novca – žurno"]
    )

    static let arabic = Phrasebook(
        language: "ar",
        openings: ["مرحباً، أين طلبي رقم {order}؟", "وصل المنتج مكسوراً: {product}.", "تم خصم {price} مرتين من بطاقتي."],
        details: ["صفحة التتبع لم تتغير منذ أربعة أيام.", "أرفقت صورة للعلبة والفاتورة.", "أحتاجه قبل يوم الجمعة، من فضلكم."],
        answers: [
            "شكراً لصبرك، أتحقق الآن من الطلب {order}.",
            "الشحنة في المستودع وستخرج للتوصيل صباح الغد.",
            "أعدنا مبلغ {price} إلى بطاقتك، وقد يستغرق ظهوره خمسة أيام عمل.",
        ],
        closings: ["شكراً جزيلاً!", "تمام، سأنتظر."],
        names: ["تأخر الشحنة", "استرداد المبلغ", "منتج مكسور"]
    )

    static let hebrew = Phrasebook(
        language: "he",
        openings: ["שלום, איפה ההזמנה שלי {order}?", "המוצר הגיע שבור: {product}.", "חויבתי פעמיים בסכום {price}."],
        details: ["דף המעקב לא השתנה כבר ארבעה ימים.", "צירפתי תמונה של הקופסה ושל החשבונית.", "זו מתנה, ולכן זה דחוף."],
        answers: [
            "תודה על הסבלנות, אני בודק את הזמנה {order}.",
            "החבילה במחסן ותצא לחלוקה מחר בבוקר.",
            "זיכינו את הכרטיס בסכום {price}; זה יופיע תוך חמישה ימי עסקים.",
        ],
        closings: ["תודה רבה!", "מצוין, אחכה."],
        names: ["עיכוב במשלוח", "החזר כספי", "מוצר שבור"]
    )

    static let japanese = Phrasebook(
        language: "ja",
        openings: ["注文{order}はいつ届きますか？", "届いた{product}が割れていました。", "{price}が二重に請求されています。"],
        details: ["追跡ページが四日前から変わりません。", "箱と領収書の写真を添付しました。", "金曜日までに必要です。よろしくお願いします。"],
        answers: [
            "お待たせしております。ご注文{order}を確認いたします。",
            "荷物は配送センターにあり、明朝お届けの予定です。",
            "{price}の返金手続きをいたしました。反映まで３〜５営業日かかります。",
        ],
        closings: ["ありがとうございました。", "わかりました、待ちます。"],
        names: ["配送の遅れ", "返金について", "商品の破損"]
    )

    static let chinese = Phrasebook(
        language: "zh",
        openings: ["你好，我的订单{order}到哪儿了？", "收到的{product}是坏的。", "我被重复扣款{price}。"],
        details: ["物流信息已经四天没有更新了。", "我上传了包装和发票的照片。", "星期五之前必须收到，谢谢。"],
        answers: ["感谢您的耐心，我正在查询订单{order}。", "包裹在仓库，明天早上派送。", "已退款{price}，三到五个工作日到账。"],
        closings: ["谢谢！", "好的，我再等等。"],
        names: ["物流延误", "退款申请", "商品破损"]
    )

    static let hindi = Phrasebook(
        language: "hi",
        openings: ["नमस्ते, मेरा ऑर्डर {order} कहाँ है?", "{product} टूटा हुआ मिला।", "मुझसे {price} दो बार लिए गए।"],
        details: ["ट्रैकिंग पेज चार दिन से नहीं बदला।", "मैंने डिब्बे और रसीद की तस्वीर लगाई है।", "मुझे यह शुक्रवार तक चाहिए।"],
        answers: [
            "धैर्य के लिए धन्यवाद, मैं ऑर्डर {order} देख रही हूँ।",
            "पार्सल गोदाम में है और कल सुबह निकलेगा।",
            "{price} वापस कर दिए गए हैं; दिखने में पाँच कार्यदिवस लगेंगे।",
        ],
        closings: ["बहुत धन्यवाद!", "ठीक है, मैं रुकता हूँ।"],
        names: ["देरी से डिलीवरी", "पैसे की वापसी", "टूटा सामान"]
    )

    static let thai = Phrasebook(
        language: "th",
        openings: ["สวัสดีค่ะ คำสั่งซื้อ {order} อยู่ที่ไหนคะ", "{product} แตกตอนมาถึง", "ถูกเรียกเก็บเงิน {price} สองครั้ง"],
        details: ["หน้าติดตามพัสดุไม่เปลี่ยนมาสี่วันแล้ว", "แนบรูปกล่องและใบเสร็จแล้วค่ะ", "ต้องการก่อนวันศุกร์นะคะ"],
        answers: [
            "ขอบคุณที่รอค่ะ กำลังตรวจสอบคำสั่งซื้อ {order}",
            "พัสดุอยู่ที่คลังและจะส่งพรุ่งนี้เช้า",
            "คืนเงิน {price} แล้ว จะเห็นภายในห้าวันทำการ",
        ],
        closings: ["ขอบคุณค่ะ", "ได้ค่ะ จะรอนะคะ"],
        names: ["พัสดุล่าช้า", "ขอคืนเงิน", "สินค้าแตก"]
    )

    /// Its accents are decomposed (NFD): a reader that composes them has changed the text.
    static let french = Phrasebook(
        language: "fr",
        openings: [
            "Bonjour, ou\u{300} est ma commande {order}\u{A0}?",
            "Le colis est arrive\u{301} abi\u{302}me\u{301}\u{202F}: {product}.",
        ],
        details: [
            "Le suivi n’a pas bouge\u{301} depuis quatre jours.", "J’ai paye\u{301} par carte, voir la pie\u{300}ce jointe.",
        ],
        answers: ["Merci de votre patience, je ve\u{301}rifie {order}.", "Le remboursement de {price} est lance\u{301}."],
        closings: ["Merci beaucoup\u{A0}!", "C’est note\u{301}, bonne journe\u{301}e."],
        names: ["Colis abi\u{302}me\u{301}", "Remboursement"]
    )
}
