/** One exchange of a conversation: what a person may say and what the bot answers. `{x}` are slots. */
export interface Exchange {
  readonly intent: string;
  readonly asks: readonly string[];
  readonly answers: readonly string[];
  /** The bot hands over to a person after it. */
  readonly escalates?: boolean;
}

export const SLOTS: Readonly<Record<string, readonly string[]>> = {
  producto: [
    "zapatillas",
    "el celular",
    "la cafetera",
    "unos audífonos",
    "la mochila azul",
    "el notebook",
    "una chaqueta",
  ],
  ciudad: [
    "Santiago",
    "Madrid",
    "Lima",
    "Bogotá",
    "Ciudad de México",
    "Buenos Aires",
    "Valparaíso",
    "Sevilla",
  ],
  numero: ["48213", "77120", "90345", "15582", "63007", "22981"],
  dia: ["hoy", "mañana", "el lunes", "el viernes", "esta tarde", "la próxima semana"],
  monto: ["$12.990", "35 €", "S/ 89", "$1.250", "49.900 pesos"],
};

export const EXCHANGES: readonly Exchange[] = [
  {
    intent: "order_status",
    asks: [
      "hola, ¿dónde está mi pedido {numero}?",
      "todavía no llega {producto}, lo compré la semana pasada",
      "me puede decir cuándo llega mi pedido a {ciudad}?",
      "Buenas, quiero rastrear el envío {numero} por favor 🙏",
      "ya van 5 días y el paquete no se mueve de {ciudad} 😩",
    ],
    answers: [
      "Su pedido {numero} va en camino a {ciudad} y llega {dia}.",
      "El envío salió de {ciudad}. Puede seguirlo con el número {numero}.",
      "Revisé el seguimiento: la entrega está programada para {dia}.",
    ],
  },
  {
    intent: "payment",
    asks: [
      "me cobraron dos veces {monto} con la tarjeta",
      "¿puedo pagar en cuotas {producto}?",
      "necesito la factura del pedido {numero}",
      "no me deja pagar con débito, sale error",
    ],
    answers: [
      "Veo el cobro de {monto}. El duplicado se devuelve en 3 días hábiles.",
      "Sí, puede pagar en hasta 6 cuotas sin interés.",
      "Le envié la factura del pedido {numero} a su correo.",
    ],
  },
  {
    intent: "refund",
    asks: [
      "quiero devolver {producto}, me quedó chico",
      "¿cómo hago una devolución? el producto llegó roto",
      "quiero mi plata de vuelta, son {monto}",
    ],
    answers: [
      "Claro. Puede devolverlo gratis {dia} en nuestra tienda de {ciudad}.",
      "Lamento que llegara roto. Ya generé la devolución {numero}.",
    ],
  },
  {
    intent: "opening_hours",
    asks: [
      "¿a qué hora abren {dia} en {ciudad}?",
      "atienden los domingos?",
      "hasta qué hora está abierto {dia}",
    ],
    answers: ["En {ciudad} abrimos de 10:00 a 20:00.", "Los domingos atendemos de 11:00 a 18:00."],
  },
  {
    intent: "complaint",
    asks: [
      "pésimo servicio, nadie responde",
      "llevo una semana esperando y nada, es una vergüenza",
      "qué maravilla, otra vez el pedido perdido 🙄",
      "esto no puede ser, ¡exijo una solución para el {numero}!",
    ],
    answers: [
      "Lamento mucho lo ocurrido. Paso su caso {numero} a una persona del equipo ahora mismo.",
      "Tiene razón, y le pido disculpas. Una ejecutiva lo llama {dia}.",
    ],
    escalates: true,
  },
  {
    intent: "human_agent",
    asks: [
      "quiero hablar con una persona",
      "pásame con un ejecutivo por favor",
      "no entiendes, necesito un humano",
    ],
    answers: ["Lo comunico con una persona del equipo. Su turno es el {numero}."],
    escalates: true,
  },
  {
    intent: "product_question",
    asks: [
      "¿tienen {producto} en stock en {ciudad}?",
      "cuánto vale {producto}?",
      "hola! {producto} tiene garantía?",
      "¿hacen envíos a {ciudad}? ¿y cuánto cuesta?",
    ],
    answers: [
      "Sí, nos quedan unidades. El precio es {monto}.",
      "Tiene un año de garantía y envío gratis a {ciudad}.",
    ],
  },
];

export const OPENINGS: readonly string[] = [
  "hola",
  "Buenos días",
  "buenas tardes ☀️",
  "holaa",
  "¿hay alguien ahí?",
  "Buenas!",
];
export const GREETINGS: readonly string[] = [
  "¡Hola! Soy el asistente de la tienda. ¿En qué le ayudo?",
  "Buenas, ¿cómo puedo ayudarle hoy?",
];
export const CLOSINGS: readonly string[] = [
  "muchas gracias, excelente atención",
  "gracias!!",
  "ok, perfecto 👍",
  "vale, gracias por la ayuda",
  "bueno... espero que esta vez sí llegue",
  "genial, me salvaste",
];
export const FAREWELLS: readonly string[] = [
  "Con gusto. ¡Que tenga un buen día!",
  "Para eso estamos. ¡Hasta pronto!",
];
