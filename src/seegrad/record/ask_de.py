"""Was das Quiz fragt und sagt, auf Deutsch: what `ask_en` says, in German."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "forward": "{inputs}. Was ist {formula}? (auf 10 % genau)",
    "forward because": "{arithmetic} = {value}.",
    "forward identity": "Du hast die Zahl unverändert gelassen, ohne {op}.",
    "product": "{terms}: was ist die Summe dieser Produkte? (auf 10 % genau)",
    "product because": "{arithmetic} = {value}.",
    "product first": "Du hast nach dem ersten Produkt aufgehört.",
    "product sum": "Du hast die Faktoren addiert; erst werden sie paarweise "
    "multipliziert.",
    "sign": "Bei {out} = {formula} kommt der Gradient {gradient} an, und die Steigung "
    "dort ist {slope}. Was bekommt {to}?",
    "sign options": "einen positiven Gradienten|einen negativen Gradienten|nichts",
    "sign because": "Gradient mal Steigung: {gradient} mal {slope} = {share}.",
    "sign turned": "Du hast das Vorzeichen umgedreht: eine negative Steigung dreht es "
    "um, eine positive nicht.",
    "sign flat": "Eine Steigung von null lässt nichts durch.",
    "share": "Bei {out} = {formula} mit {inputs} kommt der Gradient {gradient} an. Was "
    "geht weiter an {to}? (auf 10 % genau)",
    "share because": "Die Steigung ist {slope}: {gradient} mal {slope} = {share}.",
    "share unchanged": "Du hast die Steigung von {op} vergessen.",
    "share slope": "Das ist nur die Steigung; sie wird mit dem Gradienten "
    "multipliziert, der ankommt.",
    "share added": "Du hast Gradient und Steigung addiert; sie werden multipliziert.",
    "share sign": "Die Größe stimmt, das Vorzeichen nicht.",
    "fork": "{name} wird an {count} Stellen benutzt, die {shares} zurückschicken. Was "
    "ist sein Gradient? (auf 10 % genau)",
    "fork because": "Was von allen Stellen zurückkommt, wird addiert: {sum} = {value}.",
    "fork one": "Du hast nur eine Stelle genommen; eine Gabelung addiert, was "
    "zurückkommt.",
    "fork product": "Du hast multipliziert, was zurückkommt; eine Gabelung addiert.",
    "update": "{name} ist {before}, und sein Gradient ist {gradient}. Ist es nach dem "
    "Schritt von {optimizer} größer oder kleiner?",
    "update options": "größer|kleiner|gleich",
    "update because": "Aus {before} wird {after}: ein Schritt geht gegen den "
    "Gradienten.",
    "update uphill": "Du bist mit dem Gradienten gegangen: das macht den Verlust "
    "größer.",
    "update memory": "Aus {before} wird {after}: der Optimierer erinnert sich an "
    "frühere Gradienten, und die waren größer als dieser.",
    "most": "Was davon bewegt sich in diesem Schritt am meisten?",
    "most because": "{answer} bewegt sich um {change}.",
    "most gradient": "Es hat den größten Gradienten, aber {optimizer} geht nicht in "
    "dessen Verhältnis.",
    "cause": "Welche Probe zieht am stärksten an {address}?",
    "cause option": "Probe {k}",
    "cause because": "{answer} trägt {part} zu einem Gradienten von {gradient} bei.",
    "concept forward": "vorwärts",
    "concept chain rule": "Kettenregel",
    "concept sum at a fork": "Summe an einer Gabelung",
    "concept update": "Anpassung",
    "concept cause": "Ursache",
    "score": "{concept} {right}/{asked}",
    "prompt": "deine Antwort: ",
}
