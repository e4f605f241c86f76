"""Die Sätze eines Bandes auf Deutsch: the templates of `words_en`, in German."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "step": "Schritt {step}",
    "forward": "Vorwärts: von der Eingabe zur Vorhersage",
    "loss": "Verlust: wie falsch die Vorhersage ist",
    "backward": "Rückwärts: vom Verlust zu jedem Gradienten",
    "update": "Anpassung: jeder Parameter bewegt sich gegen seinen Gradienten",
    "aside": "Nebenbei: hierdurch fließt nichts zurück",
    "problem": "Hier endete die Aufzeichnung: {problem}",
    "one": "{out} = {arithmetic} = {value}.",
    "each": "{op}, auf jede Zahl von {inputs} angewandt: {count} Ergebnisse; das erste "
    "ist {arithmetic} = {value}.",
    "product": "{left} ({left_shape}) mal {right} ({right_shape}): Jedes der {count} "
    "Ergebnisse ist eine Summe aus {inner} Produkten; das erste ist {arithmetic} = "
    "{value}.",
    "product of one": "{left} ({left_shape}) mal {right} ({right_shape}): Jedes der "
    "{count} Ergebnisse ist ein Produkt; das erste ist {arithmetic} = {value}.",
    "reduction": "{op} fasst die {count} Zahlen von {inputs} zusammen{over}: {value}.",
    "transposed": "{inputs} wird transponiert: Zeilen werden zu Spalten, aus {before} "
    "wird {shape}.",
    "reshaped": "{op}: dieselben Zahlen von {inputs} in derselben Reihenfolge, jetzt "
    "als {shape}.",
    "movement": "{op}: die Zahlen von {inputs} an anderen Stellen, als {shape}.",
    "single": "einzelne Zahl",
    "lookup": "{op} wählt Zahlen aus {inputs} aus: {value}.",
    "opaque": "{op} von {inputs}: {value}.",
    "over": " entlang der Achse {dim}",
    "over many": " entlang der Achsen {dim}",
    "nothing": " Hier wird bei null abgeschnitten, also fließt kein Gradient zurück.",
    "some": " {count} von {total} Zahlen sind null: Dort fließt kein Gradient zurück.",
    "total": " Das ist der Verlust.",
    "start": "Die Ableitung von {out} nach sich selbst ist 1: Mit diesem Gradienten "
    "beginnt der Weg zurück.",
    "slope": "Zurück durch {op}: Gradient {gradient} mal Steigung {local} = {share}, "
    "weitergegeben an {to}.",
    "slopes": "Zurück durch {op}: Jeder Gradient wird mit der Steigung an seiner "
    "Stelle multipliziert; der erste ergibt {gradient} mal {local} = {share}, "
    "weitergegeben an {to}.",
    "shared": "Zurück durch {op}: Der Gradient, {gradient}, geht {ways}.",
    "way": "an {to} als {share}",
    "same way": "unverändert an {to}",
    "product back": "Zurück durch {op}: {gets}",
    "left gets": "{to} bekommt den Gradienten mal {other} transponiert; die erste der "
    "{count} Zahlen ist {arithmetic} = {value}.",
    "right gets": "{to} bekommt {other} transponiert mal den Gradienten; die erste "
    "der {count} Zahlen ist {arithmetic} = {value}.",
    "and": " und ",
    "blocked": " Die Steigung ist null{where}: Nichts kommt hindurch.",
    "where": " an {count} von {total} Stellen",
    "set": "{name} hat seinen Gradienten: {value}.",
    "added": "{name} hatte schon einen Gradienten, {before}; der neue wird addiert: "
    "{value}.",
    "replaced": "Der Gradient von {name} wird durch {value} ersetzt.",
    "formula": "Für {parameter}: {sentence}",
    "moved": "{name} ändert sich von {before} auf {after}, um {change}.",
    "moved many": "{name} ändert sich; von den {count} Zahlen ändert sich {most} am "
    "stärksten: von {before} auf {after}, um {change}.",
    "moved unseen": "{name} ändert sich; die erste der {count} Zahlen von {before} auf "
    "{after}.",
    "unmoved": "{name} bleibt, wie es ist.",
    "spread": "{shape} Zahlen von {low} bis {high}",
    "alike": "{shape} Zahlen, alle gleich {low}",
    "unknown": "{op} von {inputs}: Die Zahlen selbst wurden nicht aufbewahrt, nur "
    "{value}.",
    "thousands": "\N{NARROW NO-BREAK SPACE}",
}
