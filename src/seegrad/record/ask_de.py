"""Was das Quiz fragt und sagt, auf Deutsch: what `ask_en` says, in German."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "forward": "{inputs}. Was ist {formula}? (auf 10 % genau)",
    "forward because": "{arithmetic} = {value}.",
    "forward identity": "Du hast die Zahl unverändert gelassen, ohne {op}.",
    "product": "{out} = {terms}. Was ergibt das? (auf 10 % genau)",
    "product because": "{arithmetic} = {value}.",
    "product first": "Du hast nach dem ersten Produkt aufgehört.",
    "product sum": "Du hast die Faktoren addiert; zuerst werden sie paarweise "
    "multipliziert.",
    "sign": "Bei {out} = {formula} kommt der Gradient {gradient} an, und die Steigung "
    "dort ist {slope}. Was bekommt {to}?",
    "sign options": "einen positiven Gradienten|einen negativen Gradienten|nichts",
    "sign because": "Gradient mal Steigung: {gradient} mal {slope} = {share}.",
    "sign turned": "Du hast das Vorzeichen umgedreht: Eine negative Steigung dreht es "
    "um, eine positive nicht.",
    "sign flat": "Eine Steigung von null lässt nichts durch.",
    "share": "Bei {out} = {formula} mit {inputs} kommt der Gradient {gradient} an. Was "
    "wird an {to} weitergegeben? (auf 10 % genau)",
    "share because": "Die Steigung ist {slope}: {gradient} mal {slope} = {share}.",
    "share unchanged": "Du hast die Steigung von {op} vergessen.",
    "share slope": "Das ist nur die Steigung; sie wird noch mit dem ankommenden "
    "Gradienten multipliziert.",
    "share added": "Du hast Gradient und Steigung addiert; sie werden multipliziert.",
    "share sign": "Der Betrag stimmt, das Vorzeichen nicht.",
    "fork": "{name} wird an {count} Stellen gebraucht; von dort kommen "
    "{shares} zurück. Welchen Gradienten hat {name}? (auf 10 % genau)",
    "and": " und ",
    "fork because": "Was von allen Stellen zurückkommt, wird addiert: {sum} = {value}.",
    "fork one": "Du hast nur eine Stelle genommen; an einer Verzweigung wird addiert, "
    "was zurückkommt.",
    "fork product": "Du hast multipliziert, was zurückkommt; an einer Verzweigung wird "
    "addiert.",
    "update": "{name} hat den Wert {before} und den Gradienten {gradient}. Ist der "
    "Wert nach dem Schritt von {optimizer} größer oder kleiner?",
    "update options": "größer|kleiner|gleich groß",
    "update because": "Aus {before} wird {after}: Ein Schritt geht gegen den "
    "Gradienten.",
    "update uphill": "Du bist mit dem Gradienten gegangen: Das macht den Verlust "
    "größer.",
    "update memory": "Aus {before} wird {after}: Der Optimierer erinnert sich an "
    "frühere Gradienten, und die waren größer als dieser.",
    "most": "Was davon ändert sich in diesem Schritt am stärksten?",
    "most because": "{answer} ändert sich um {change}.",
    "most gradient": "Es hat zwar den größten Gradienten, aber ein Schritt von "
    "{optimizer} ist nicht proportional zum Gradienten.",
    "cause": "Welches Beispiel zieht am stärksten an {address}?",
    "cause option": "Beispiel {k}",
    "cause because": "{answer} trägt {part} zu einem Gradienten von {gradient} bei.",
    "concept forward": "vorwärts",
    "concept chain rule": "Kettenregel",
    "concept sum at a fork": "Summe an einer Verzweigung",
    "concept update": "Anpassung",
    "concept cause": "Ursache",
    "score": "{concept} {right}/{asked}",
    "prompt": "deine Antwort: ",
}
