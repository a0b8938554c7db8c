/** Word lists in lower case without accents (ñ kept). Short on purpose: each word is common and unambiguous. */
const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const FUNCTION_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  es: list(`el la los las un una de del que en por para con mi me te se lo le es esta son fue hay muy mas pero como
    cuando donde quiero necesito puedo hola gracias si y o al su ya porque ustedes esto ese`),
  en: list(`the a an of that in for with my me you it is are was were there very more but how when where want need
    can hello thanks please yes and or to your already because this i not do does have has`),
};

export const NEGATIONS = list(
  "no ni nunca jamas tampoco nada sin not never neither without don doesn isn wasn",
);

const positive =
  list(`gracias excelente perfecto genial bueno buena buenos bien encanta encanto feliz contento contenta
  amable rapido rapida maravilloso increible recomiendo util facil mejor resuelto funciona thanks excellent perfect great
  good love happy kind fast wonderful amazing recommend useful easy better solved works`);

const negative =
  list(`malo mala mal pesimo pesima horrible terrible lento lenta molesto molesta enojado enojada triste
  queja reclamo error falla fallo roto rota estafa peor demora tarde inutil dificil problema frustrado frustrada decepcion bad
  horrible awful slow angry sad complaint error broken scam worse late useless difficult problem frustrated disappointed`);

export const POLARITY: ReadonlyMap<string, number> = new Map([
  ...[...positive].map((word) => [word, 1] as const),
  ...[...negative].map((word) => [word, -1] as const),
]);

export const INTENT_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  order_status: list(
    "pedido envio entrega paquete rastrear seguimiento llega llego order delivery package tracking shipped",
  ),
  payment: list(
    "pago pagar factura cobro cobraron tarjeta boleta precio payment pay invoice charge card bill price",
  ),
  refund: list("devolucion devolver reembolso reembolsen cambio refund return"),
  complaint: list("queja reclamo pesimo pesima horrible estafa denuncia complaint awful scam"),
  human_agent: list("humano persona agente asesor ejecutivo operador human agent representative operator"),
  opening_hours: list("horario horarios abren cierran abierto atienden hours open close"),
  cancellation: list("cancelar cancelacion anular baja cancel unsubscribe"),
  // Small talk last: an equal count goes to what comes first.
  greeting: list("hola buenas saludos hello hi hey"),
  thanks: list("gracias thanks"),
  farewell: list("adios chao hasta bye goodbye"),
};
