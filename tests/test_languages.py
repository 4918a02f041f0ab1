"""The table of languages, the search in it, and telling the language of a text."""

import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.errors import UnknownLanguageError
from summarizer.languages import (
    Identification,
    Language,
    base_code,
    get_language,
    identify_language,
    identify_page_language,
    list_languages,
)

XLSUM = (
    "am ar az bn my zh zh-Hant en fr gu ha hi ig id ja rn ko ky mr ne om ps fa pcm pt pa ru gd sr sr-Latn si so es sw "
    "ta te th ti tr uk ur uz vi cy yo"
)
EUROPEAN_UNION = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"

# One or two sentences of news in each language.
TEXTS = {
    "am": "የከተማው ምክር ቤት አዲስ ትምህርት ቤት ለመገንባት ወሰነ። ሥራው በሚቀጥለው ዓመት ይጀምራል ተብሎ ይጠበቃል፣ ነገር ግን ገንዘቡ በቂ አይደለም እና ጊዜ ይወስዳል።",
    "ar": "قرر مجلس المدينة بناء مدرسة جديدة قرب النهر، ومن المتوقع أن يبدأ العمل في العام المقبل.",
    "az": "Şəhər şurası çayın yaxınlığında yeni məktəb tikmək qərarına gəlib. İşlər gələn il başlayacaq.",
    "be": "Гарадскі савет вырашыў пабудаваць новую школу каля ракі, а работы пачнуцца ў наступным годзе.",
    "bg": "Градският съвет реши да построи ново училище край реката, а работата ще започне догодина.",
    "bn": "নগর পরিষদ নদীর কাছে একটি নতুন বিদ্যালয় নির্মাণের সিদ্ধান্ত নিয়েছে। আগামী বছর কাজ শুরু হবে।",
    "ca": "L'ajuntament ha decidit construir una escola nova a prop del riu i les obres començaran l'any que ve.",
    "cs": "Městská rada rozhodla o stavbě nové školy u řeky. Práce začnou příští rok, řekla starostka.",
    "cy": "Mae cyngor y ddinas wedi penderfynu codi ysgol newydd ger yr afon y flwyddyn nesaf.",
    "da": "Byrådet har besluttet at bygge en ny skole ved åen, og arbejdet begynder til næste år, siger borgmesteren.",
    "de": "Der Stadtrat hat beschlossen, am Fluss eine neue Schule zu bauen. Die Arbeiten beginnen im nächsten Jahr.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε να χτίσει νέο σχολείο κοντά στο ποτάμι.",
    "en": "The city council has decided to build a new school near the river, and work will begin next year.",
    "es": "El ayuntamiento ha decidido construir una escuela nueva cerca del río y la obra empezará en mayo.",
    "et": "Linnavolikogu otsustas ehitada jõe äärde uue kooli ja tööd algavad järgmisel aastal.",
    "eu": "Udalak ibaiaren ondoan eskola berri bat eraikitzea erabaki du eta lanak datorren urtean hasiko dira.",
    "fa": "شورای شهر تصمیم گرفته است که مدرسه‌ای تازه نزدیک رودخانه بسازد و کار از سال آینده آغاز می‌شود.",
    "fi": "Kaupunginvaltuusto päätti rakentaa uuden koulun joen varrelle, ja työt alkavat ensi vuonna.",
    "fil": "Nagpasya ang konseho ng lungsod na magtayo ng bagong paaralan malapit sa ilog sa susunod na taon.",
    "fr": "Le conseil municipal a décidé de construire une nouvelle école près de la rivière dès l'année prochaine.",
    "ga": "Shocraigh comhairle na cathrach scoil nua a thógáil in aice leis an abhainn an bhliain seo chugainn.",
    "gd": "Tha comhairle a' bhaile air co-dhùnadh sgoil ùr a thogail faisg air an abhainn an-ath-bhliadhna.",
    "gu": "નગર પરિષદે નદી પાસે નવી શાળા બાંધવાનું નક્કી કર્યું છે.",
    "ha": "Majalisar birnin ta yanke shawarar gina sabuwar makaranta kusa da kogi, kuma za a fara aikin badi.",
    "he": "מועצת העיר החליטה לבנות בית ספר חדש ליד הנהר, והעבודה תתחיל בשנה הבאה.",
    "hi": "नगर परिषद ने नदी के पास एक नया विद्यालय बनाने का फ़ैसला किया है और काम अगले साल शुरू होगा।",
    "hu": "A városi tanács úgy döntött, hogy új iskolát épít a folyó mellett, és a munka jövőre kezdődik.",
    "hy": "Քաղաքային խորհուրդը որոշել է գետի մոտ նոր դպրոց կառուցել։",
    "id": "Dewan kota memutuskan bahwa sekolah baru akan dibangun di dekat sungai karena kantor lama sudah rusak.",
    "ig": "Ndị ọchịchị obodo ekpebiela iwu ụlọ akwụkwọ ọhụrụ n'akụkụ osimiri ahụ n'afọ na-abịa.",
    "is": "Bæjarstjórnin hefur ákveðið að byggja nýjan skóla við ána og verkið hefst á næsta ári.",
    "it": "Il consiglio comunale ha deciso di costruire una nuova scuola vicino al fiume dall'anno prossimo.",
    "ja": "市議会は川の近くに新しい学校を建てることを決めた。",
    "ka": "საკრებულომ მდინარესთან ახალი სკოლის აშენება გადაწყვიტა.",
    "kk": "Қала кеңесі өзен жағасында жаңа мектеп салуға шешім қабылдады, жұмыс келесі жылы басталады.",
    "km": "ក្រុមប្រឹក្សាក្រុងបានសម្រេចសាងសង់សាលារៀនថ្មីមួយនៅក្បែរទន្លេ។",
    "ko": "시의회는 강가에 새 학교를 짓기로 결정했다.",
    "ky": "Шаардык кеңеш дарыянын жээгине жаңы мектеп курууну чечти, жумуш эмдиги жылы башталат.",
    "lo": "ສະພາເມືອງໄດ້ຕັດສິນໃຈສ້າງໂຮງຮຽນໃໝ່ໃກ້ແມ່ນ້ຳ",
    "lt": "Miesto taryba nusprendė prie upės pastatyti naują mokyklą, o darbai prasidės kitais metais.",
    "lv": "Pilsētas dome nolēma pie upes uzcelt jaunu skolu, un darbi sāksies nākamgad.",
    "mk": "Градскиот совет одлучи да изгради ново училиште покрај реката, а работата ќе почне следната година.",
    "mr": "शहर परिषदेने नदीजवळ नवीन शाळा बांधण्याचा निर्णय घेतला आहे आणि काम पुढील वर्षी सुरू होईल.",
    "ms": "Majlis bandar raya memutuskan bahawa sekolah baharu akan dibina kerana yang lama telah rosak.",
    "mt": "Il-kunsill tal-belt iddeċieda li jibni skola ġdida ħdejn ix-xmara u x-xogħol jibda s-sena d-dieħla.",
    "my": "မြို့တော်ကောင်စီသည် မြစ်အနီးတွင် ကျောင်းသစ်တစ်ကျောင်း ဆောက်ရန် ဆုံးဖြတ်ခဲ့သည်။",
    "nb": "Bystyret har vedtatt å bygge en ny skole ved elva, og arbeidet begynner neste år, sier ordføreren.",
    "ne": "नगर परिषद्ले नदी नजिकै नयाँ विद्यालय बनाउने निर्णय गरेको छ र काम अर्को वर्ष सुरु हुनेछ।",
    "nl": "De gemeenteraad heeft besloten om bij de rivier een nieuwe school te bouwen. Het werk begint volgend jaar.",
    "om": "Manni maree magaalaa mana barumsaa haaraa laga biratti ijaaruuf murteesse, hojiin isaas ni jalqaba.",
    "pa": "ਨਗਰ ਕੌਂਸਲ ਨੇ ਦਰਿਆ ਕੋਲ ਨਵਾਂ ਸਕੂਲ ਬਣਾਉਣ ਦਾ ਫ਼ੈਸਲਾ ਕੀਤਾ ਹੈ।",
    "pcm": "Di city council don decide say dem go build new school wey dey near di river, and di work go start soon.",
    "pl": "Rada miasta zdecydowała o budowie nowej szkoły nad rzeką, a prace zaczną się w przyszłym roku.",
    "ps": "د ښار شورا پرېکړه کړې چې د سیند تر څنګ به نوی ښوونځی جوړوي او کار به یې بل کال پیل شي.",
    "pt": "A câmara municipal decidiu construir uma nova escola perto do rio e as obras vão começar no próximo ano.",
    "rn": "Inama y'igisagara yafashe ingingo yo kwubaka ishure rishasha, ni co gituma abantu bahimbawe cane.",
    "ro": "Consiliul local a hotărât să construiască o școală nouă lângă râu, iar lucrările vor începe anul viitor.",
    "ru": "Городской совет решил построить новую школу у реки, а работы начнутся в следующем году.",
    "rw": "Inama y'umujyi yafashe icyemezo cyo kubaka ishuri rishya, bishimisha abaturage cyane.",
    "si": "නගර සභාව ගඟ අසල නව පාසලක් ඉදිකිරීමට තීරණය කර ඇත.",
    "sk": "Mestská rada rozhodla o výstavbe novej školy pri rieke, práce sa začnú budúci rok.",
    "sl": "Mestni svet se je odločil, da bo ob reki zgradil novo šolo, dela pa se bodo začela prihodnje leto.",
    "sn": "Kanzuru yeguta yasarudza kuvaka chikoro chitsva pedyo nerwizi uye basa richatanga gore rinouya.",
    "so": "Golaha degaanka ayaa go'aansaday in dugsi cusub laga dhiso webiga agtiisa sanadka soo socda.",
    "sq": "Këshilli i qytetit vendosi të ndërtojë një shkollë të re pranë lumit dhe punimet fillojnë vitin e ardhshëm.",
    "sr": "Градско веће је одлучило да поред реке сагради нову школу, а радови ће почети следеће године.",
    "sv": "Kommunfullmäktige har beslutat att bygga en ny skola vid ån och arbetet börjar nästa år.",
    "sw": "Baraza la jiji limeamua kujenga shule mpya karibu na mto, na kazi itaanza mwaka ujao.",
    "ta": "ஆற்றின் அருகே புதிய பள்ளி கட்ட நகர சபை முடிவு செய்துள்ளது.",
    "te": "నది దగ్గర కొత్త పాఠశాల నిర్మించాలని నగర మండలి నిర్ణయించింది.",
    "th": "สภาเมืองตัดสินใจสร้างโรงเรียนใหม่ใกล้แม่น้ำ",
    "ti": "ቤት ምኽሪ እታ ከተማ ኣብ ጥቓ ሩባ ሓድሽ ቤት ትምህርቲ ክሃንጽ ወሲኑ ኣሎ። ስራሕ ድማ ንዓመታ ክጅምር እዩ።",
    "tr": "Belediye meclisi nehrin yanına yeni bir okul yapmaya karar verdi, çalışmalar gelecek yıl başlayacak.",
    "uk": "Міська рада вирішила збудувати нову школу біля річки, а роботи почнуться наступного року.",
    "ur": "شہری کونسل نے دریا کے قریب نیا اسکول بنانے کا فیصلہ کیا ہے اور کام اگلے سال شروع ہو گا۔",
    "uz": "Shahar kengashi daryo yaqinida yangi maktab qurishga qaror qildi, ishlar kelasi yili boshlanadi.",
    "vi": "Hội đồng thành phố đã quyết định xây một trường học mới gần con sông vào năm tới.",
    "xh": "Ibhunga lesixeko ligqibe ekubeni lakhe isikolo esitsha kufutshane nomlambo kunyaka ozayo.",
    "yo": "Ìgbìmọ̀ ìlú ti pinnu láti kọ́ ilé ẹ̀kọ́ tuntun sí ẹ̀bá odò, iṣẹ́ yóò sì bẹ̀rẹ̀ ní ọdún tó ń bọ̀.",
    "zh": "市议会决定在河边建一所新学校，工程将于明年开始。",
    "zh-Hant": "市議會決定在河邊建一所新學校，工程將於明年開始。",
    "zu": "Umkhandlu wedolobha unqume ukwakha isikole esisha eduze komfula ngonyaka ozayo.",
}


@pytest.mark.parametrize("code", [*XLSUM.split(), *EUROPEAN_UNION.split()])
def test_the_promised_languages_are_in_the_table(code):
    assert get_language(code).code == code


def test_codes_are_unique_and_fields_well_formed():
    languages = list_languages()
    assert len({language.code for language in languages}) == len(languages) > 90
    for language in languages:
        assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", language.code)
        assert re.fullmatch("[A-Z][a-z]{3}", language.script)
        assert language.direction in ("ltr", "rtl")
        assert language.name.strip() and language.native_name.strip()


def test_codes_of_the_model_families_are_the_families_own():
    from transformers.models.m2m_100 import tokenization_m2m_100 as m2m100
    from transformers.models.mbart50 import tokenization_mbart50 as mbart50
    from transformers.models.nllb import tokenization_nllb as nllb

    def codes(field):
        return {getattr(language, field) for language in list_languages()} - {None}

    assert codes("nllb") <= set(nllb.FAIRSEQ_LANGUAGE_CODES)
    assert codes("mbart") == set(mbart50.FAIRSEQ_LANGUAGE_CODES)
    assert codes("m2m100") <= set(m2m100.FAIRSEQ_LANGUAGE_CODES["m2m100"])


@pytest.mark.parametrize(
    ("code", "nllb", "mbart", "m2m100", "madlad", "marian"),
    [
        ("fr", "fra_Latn", "fr_XX", "fr", "fr", "fr"),
        ("zh", "zho_Hans", "zh_CN", "zh", "zh", "zh"),
        ("zh-Hant", "zho_Hant", None, None, "zh_Hant", "zh"),
        ("fil", "tgl_Latn", "tl_XX", "tl", "fil", "tl"),
        ("nb", "nob_Latn", None, "no", "no", "no"),
        ("om", "gaz_Latn", None, None, "om", "om"),
        ("te", "tel_Telu", "te_IN", None, "te", None),
        ("sr-Latn", None, None, None, None, "sh"),
        ("pcm", None, None, None, None, None),
    ],
)
def test_codes_differ_between_families(code, nllb, mbart, m2m100, madlad, marian):
    language = get_language(code)
    assert (language.nllb, language.mbart, language.m2m100, language.madlad, language.marian) == (
        nllb,
        mbart,
        m2m100,
        madlad,
        marian,
    )


@pytest.mark.parametrize(
    ("given_name", "code"),
    [
        ("pt-BR", "pt"),
        ("PT_br", "pt"),
        ("EN", "en"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-Hans-CN", "zh"),
        ("zh-CN", "zh"),
        ("sr-Latn-RS", "sr-Latn"),
        ("sr-Cyrl", "sr"),
        ("ca-valencia", "ca"),
        ("es-419", "es"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("iw", "he"),
        ("in", "id"),
        ("tl", "fil"),
        ("deu", "de"),
        ("hin_Deva", "hi"),
        ("Portuguese", "pt"),
        ("português", "pt"),
        (" русский ", "ru"),
        ("日本語", "ja"),
        ("Chinese", "zh"),
        ("Traditional Chinese", "zh-Hant"),
        ("Farsi", "fa"),
        ("portugue\u0302s", "pt"),
    ],
)
def test_language_is_found_by_any_usual_code_or_name(given_name, code):
    assert get_language(given_name).code == code


@pytest.mark.parametrize("name", ["", "xx", "tlh", "no-such-language", "Elvish", "en--", "-", "english please"])
def test_unknown_language_raises(name):
    with pytest.raises(UnknownLanguageError):
        get_language(name)


def test_unknown_name_gets_suggestions():
    with pytest.raises(UnknownLanguageError, match=r"Portuguese \(pt\)"):
        get_language("Portugese")


def test_base_code_is_the_language_alone():
    assert [base_code(code) for code in ("sr-Latn", "zh_Hant_TW", "PT-br", "de")] == ["sr", "zh", "pt", "de"]


def test_direction_and_joiner():
    assert {code for code in ("ar", "fa", "he", "ps", "ur", "ug") if get_language(code).is_rtl} == {
        "ar",
        "fa",
        "he",
        "ps",
        "ur",
        "ug",
    }
    assert not get_language("hi").is_rtl
    assert [get_language(code).sentence_joiner for code in ("zh", "zh-Hant", "ja", "ko", "th", "en")] == [
        "",
        "",
        "",
        " ",
        " ",
        " ",
    ]


def test_language_becomes_json_and_comes_back():
    language = get_language("sr-Latn")
    assert Language.from_dict(language.to_dict()) == language


@pytest.mark.parametrize("code", TEXTS)
def test_language_is_told(code):
    identification = identify_language(TEXTS[code])
    assert (identification.language, identification.confidence >= 0.5) == (code, True)


def test_serbian_in_latin_letters_has_its_own_code():
    words = "Srbija, Vučić, Beograd, Novi Sad, Niš, predsednik, predsednica, sledeće, posle"
    assert identify_language(words).language == "sr-Latn"


@pytest.mark.parametrize("text", ["", " \n", "ok", "12 345,67 € — 8:30", "?!…", "😀😀😀😀", "𝟘𝟙𝟚"])
def test_too_few_letters_say_nothing(text):
    assert identify_language(text) == Identification(None, 0.0)


@pytest.mark.parametrize("text", ["Hello", "xkqj vvrt zzpl", "Anna Maria Silva"])
def test_doubtful_text_has_no_language(text):
    identification = identify_language(text)
    assert identification.language is None
    assert identification.confidence < 0.5


def test_names_in_latin_letters_do_not_hide_the_language():
    assert identify_language("Microsoft、Google 和 Amazon 今天没有回应。").language == "zh"
    assert identify_language("Barack Obama และ Angela Merkel พบกันที่กรุงเทพฯ วันนี้").language == "th"
    assert identify_language("Samsung Electronics는 오늘 새 Galaxy 전화기를 발표했다.").language == "ko"


def test_latin_letters_never_give_a_language_of_another_script():
    identification = identify_language("Aaj mausam bahut accha hai aur hum log bahar ja rahe hain")
    assert identification.language is None or get_language(identification.language).script == "Latn"


def test_language_of_a_page_is_that_of_its_article_not_of_its_banners():
    page = ["We use cookies. Accept all?", "Sign in to read more stories from our partners."]
    page += [TEXTS["de"], "Das sagte die Bürgermeisterin am Montag nach der Sitzung des Rates.", "Warum erst jetzt?"]
    page += ["Die Opposition hält den Plan für zu teuer und will die alte Schule lieber umbauen lassen."]
    identification = identify_page_language(page)
    assert identification.language == "de"
    assert 0.5 < identification.confidence < 0.95


def test_language_of_a_page_is_that_of_most_letters():
    assert identify_page_language([TEXTS["fr"]] * 3 + [TEXTS["ar"]]).language == "fr"
    assert identify_page_language([TEXTS["fr"]] + [TEXTS["ar"]] * 3).language == "ar"


def test_page_of_short_lines_is_told_by_all_of_them():
    assert identify_page_language(TEXTS["nl"].replace(".", "").split()).language == "nl"


def test_page_whose_sentences_are_each_doubtful_is_told_as_a_whole():
    page = [
        "Gradsko vijeće odlučilo je da uz rijeku sagradi novu školu.",
        "Radovi počinju sljedeće godine.",
        "Tko će to platiti, još se ne zna, rekao je u srijedu u Zagrebu ministar financija.",
        "Općina će dio novca dobiti iz Europske unije.",
    ]
    assert identify_page_language(page).language == "hr"


@pytest.mark.parametrize("page", [[], [""], ["1", "2.5", "—"]])
def test_page_without_words_has_no_language(page):
    assert identify_page_language(page) == Identification(None, 0.0)


def test_identification_is_quick_once_loaded():
    page = [TEXTS["it"], TEXTS["ru"], TEXTS["zh"]] * 10
    identify_page_language(page)
    started = process_time()
    identify_page_language(page)
    assert process_time() - started < 0.5  # a tenth of it on an idle machine


def test_identification_prints_and_logs_nothing(capfd, caplog):
    identify_language(TEXTS["en"])
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_known_language_or_none(text):
    identification = identify_language(text)
    assert 0 <= identification.confidence <= 1
    assert (identification.language is None) == (identification.confidence < 0.5)
    if identification.language:
        assert get_language(identification.language).code == identification.language


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_name_finds_a_language_or_raises(name):
    try:
        assert get_language(name) in list_languages()
    except UnknownLanguageError as error:
        assert error.message
