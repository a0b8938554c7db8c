import type { AnalysedLanguage } from "./text.ts";

/** Words in lower case without accents; `*` stands for any ending. Chat language of several countries. */
const list = (text: string): readonly string[] => text.trim().split(/\s+/);

export const POSITIVE: Readonly<Record<AnalysedLanguage, readonly string[]>> = {
  es: list(`gracias agradec* agradez* excelen* perfect* genial* buenisim* bueno buena buenos buenas buen bonit*
    lind* hermos* precios* bell* encant* encantad* feliz felices felicidad* felicit* content* alegr*
    maravill* increibl* fantastic* fabulos* estupend* espectacular* magnific* impecable* notable*
    recomend* recomiend* amable* amabilidad atent* cordial* simpatic* carinos* rapid* rapidisim* veloz
    eficient* eficaz puntual* facil* comod* util* practic* solucion* resuelt* resolv* resolvi*
    funcionando satisfech* satisf* mejor mejores mejoro sobresalient* cumplid* cumplier* cumplen
    confiable* segur* tranquil* alivi* salvaron salvaste salvo crack capo capos grande grandes seco
    secos top joya joyita golazo lujo diez pulento fino calidad rico rica riquisim* delicios* amo amamos
    amor adoro adore amaron exito ideal acertad* acierto orgullos* bendicion* bendiga profesional*
    paciencia aplausos bravo bkn bacan* bakan* choro chori filete pulentos pasaste pasaron raja brigido
    copad* gros* masa piola joyaa barbar* genia genio diva idola idolo crackk rejoya padre padrisim*
    chid* suave perron* neta late latio chever* bacano bacana chimba berraco berraca severo paisa
    bravaz* paja chevere mostro guay guays mola molan molo flip* majo majos maja majisim* chulo chula
    chulisim* molones cojonudo guapo puntazo volvere repetire volveria acertaron sorprendi* superaron
    supero super superbien optim* conforme gust* gusta gusto fascin* disfrut* logre lograron agrad*
    exquisit* ejemplar* placer carino dulce* sonrisa corazon angel sabros* expectativas divin* nitid*
    gesto seriedad`),
  en: list(`thank* thx cheers great awesome amazing excellent perfect* love* lovely good nice happy happier glad
    pleased delighted wonderful fantastic brilliant best better fast quick quickly helpful kind friendly
    polite easy recommend* works solved fixed sorted resolved impressed satisfied beautiful superb
    stellar outstanding appreciat* enjoy* enjoyed fun sweet cool neat smooth smoothly reliable legend
    lifesaver ty tysm flawless comfy comfortable delicious tasty grateful stoked chuffed spot pleasure
    gorgeous crisp saved excited`),
};

export const NEGATIVE: Readonly<Record<AnalysedLanguage, readonly string[]>> = {
  es: list(`mal mala malo malos malas malisim* pesim* horribl* terribl* fatal* asco asquer* asqueros* porqueria
    basura mierda desastr* vergu* verguenz* decepcion* decepcionad* molest* enoj* enfad* furios* indign*
    rabia bronca coraje colera frustra* frustrad* hart* cansad* cansa aburrid* trist* llor* pena
    lamentabl* lastima desagradabl* groser* malcriad* maleducad* irrespetuos* prepotent* soberb* mentir*
    mintier* mintio mienten mentiros* engan* enganos* estaf* rob* robo ladron* fraud* timo timad*
    chanta* chant* trucho abus* abusiv* ineptitud inept* incompetent* inutil* irresponsabl* neglig* poco
    seri* deficient* lent* lentisim* tard* demor* retras* atras* atrasad* esper* eterna eterno rot*
    quebrad* roto danad* dan* defectuos* falla fallas fallo fallad* fall* descompuest* malograd* malogr*
    averiad* rayad* golpead* aplastad* manchad* vencid* podrid* suci* equivocad* error errores
    incomplet* faltan faltaba falta perdid* perdier* perdi perdio caid* cae caen cuelga colgaron colgad*
    cierra trab* pegad* crash* bug* lag problem* queja* quej* reclam* denunci* demand* sernac indecopi
    profeco consumidor inaceptabl* imposibl* injust* ridicul* absurd* burla vergonzos* pesadill* peor
    peores odio odie detest* caro cara carisim* carero nefast* patetic* mediocr* insoport* insufribl*
    tortura bloquear* bloquead* rechaz* clonaron hackear* ignor* ignoran maltrat* discrimin* pesad*
    preocup* preocupad* nervios* angusti* urgente desesper* penca penc* fome chato chata charcha rasca
    wea weon weona hueon aweonao ctm conchetumare csm culiad* qliao cahuin cagada cagaron cagar cago
    garcha boludez pelotud* choto chota bardo quilombo cualquiera verso berreta ortiva forr* chingad*
    chingar pinche pinches gacho gacha culer* naco mamad* mames manches chale nel jodid* joder jodi*
    hijue* malparid* gonorrea mamera mamado pereza jart* pirob* boleta monse mons* pina conchud* asad*
    huevad* webada gil timadores cutre chapuz* chung* petard* cono gilipoll* hostia tomadura plantad*
    palta roche dece* trucha enganan estresad* sufr* impotencia descar* sinverguenza* caradura* tramp*
    abandon* nefasto vuelven colm* incumpl* incumplen desubic* miserabl* verguenza harta demasiad*
    excesiv* invent* insisti* insist* cobraron descontaron duplicad* indebid* sobreprecio quebr* triz*
    falso falsa humill* burl* caos horror* espant* congel* apaga expulsa niegan niega cortaron cortan
    abollad* hoyo multa postergacion*`),
  en: list(`bad worst worse terrible horrible awful poor* rude broken broke break* crash* fail* failed failing
    fault* defect* damag* cracked scratched late delay* slow wait* useless waste wasted disappoint*
    angry furious upset annoy* annoyed frustrat* fed scam* scammed steal* stole stolen fraud lie lied
    liar* lying unacceptable ridiculous pathetic joke disgust* disgrace hate* hated sucks suck sux crap
    shit* damn complain* complaint refund* overcharged charged twice missing lost wrong error* bug*
    bugg* glitch* stuck locked ignored ignor* nobody unprofessional incompetent mess nightmare dirty
    stale cold expired fake cheat* rip* ripoff overpriced expensive problem* issue* trouble unhappy sad
    sadly unfortunately worried stress* hung dead wtf smh ugh meh lousy dreadful shambles rubbish bloody
    refus* shouted freez* kicked hopeless dented ages`),
};

export const NEGATIONS: Readonly<Record<AnalysedLanguage, ReadonlySet<string>>> = {
  es: new Set(list("no ni nunca jamas tampoco sin nada nadie ningun ninguna ninguno")),
  en: new Set(
    list(`no not never nor without nothing nobody cant don't dont doesn't didn't isn't wasn't can't couldn't
    won't isnt didnt doesnt`),
  ),
};

/** What follows one of these weighs against what went before. */
export const CONTRASTS: Readonly<Record<AnalysedLanguage, ReadonlySet<string>>> = {
  es: new Set(list("pero aunque lastima embargo obstante")),
  en: new Set(list("but although though however sadly yet unfortunately")),
};

/** What a shop, its people and its products do when all is well: not done, it is a complaint. */
export const FULFILMENT: Readonly<Record<AnalysedLanguage, readonly string[]>> = {
  es: list(`lleg* funcion* respond* contest* sirv* anda andan carga cargan abre abren aparec* soluci* resol* resuelv*
    devolv* devuelv* cumpl* entreg* recib* prend* enciend* conect* llam* avis* vin* vien* deja dejan reembols* mand*
    envi* atiend* atend* ayud* escuch* entiend* sal* qued* carg* dur*`),
  en: list(`work* arriv* answer* respond* repl* open* load* receiv* got help* deliver* refund* turn* connect* ship*
    come came show* fix* solv* resolv* understand* listen* care* call* let log*`),
};

/** Words of waiting and of its length. */
export const WAITING: ReadonlySet<string> = new Set(
  list(`todavia aun siguen sigo llevo llevamos hace van pasaron semanas semana meses mes dias horas hora
    still already weeks week months month days hours ago since yet waiting`),
);

/** Words of repetition: praise beside them is often irony. */
export const REPETITION: ReadonlySet<string> = new Set(
  list("otra vez nuevo siempre encima tercera segunda cuarta again another always third second"),
);

/** Words of questions and requests. */
export const ASKING: ReadonlySet<string> = new Set(
  list(`quiero quisiera necesito puedo puede podria podrian pueden tienen tiene hay donde cuando cual cuanto
    cuanta cuantos como que quien aceptan hacen venden consulta saber want need can could where when
    what how which do does is there please favor porfa confirmar gustaria queria me pasas tenes teneis
    haceis`),
);

export const POSITIVE_EMOJI: ReadonlySet<string> = new Set(
  list(
    "😀 😃 😄 😁 😆 😊 🙂 😍 🥰 😘 🤩 😎 🥳 🤗 👍 👌 👏 🙌 💪 🙏 ❤ 💖 💙 💚 💛 🧡 💜 💕 ✨ 🎉 🎊 🔥 💯 ⭐ 🌟 ✅ 😂 🤣 😇 😋 ☺ 💐 🌹 🤝 🏆",
  ),
);
export const NEGATIVE_EMOJI: ReadonlySet<string> = new Set(
  list(
    "😡 😠 🤬 😤 😒 🙄 😑 😞 😔 😟 😕 🙁 ☹ 😣 😖 😫 😩 😢 😭 😨 😰 😱 👎 💔 🤢 🤮 😾 🖕 💩 😓 😥 🤦 😪 🥴 ❌ 🚫 😬 🤡",
  ),
);
/** Emoji that turn praise into irony. */
export const IRONIC_EMOJI: ReadonlySet<string> = new Set(list("🙄 😒 👏 🙃 😑 🤡 😏 🤦"));
