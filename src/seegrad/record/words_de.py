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
    "each": "{op} von jeder der {count} Zahlen in {inputs}; die erste ist {arithmetic} "
    "= {value}.",
    "product": "{left} ({left_shape}) mal {right} ({right_shape}): jedes der {count} "
    "Ergebnisse ist eine Summe von {inner} Produkten; das erste ist {arithmetic} = "
    "{value}.",
    "reduction": "{op} fasst die {count} Zahlen von {inputs} zusammen{over}: {value}.",
    "movement": "{op}: die Zahlen von {inputs} an anderer Stelle oder in anderer "
    "Ordnung, als {shape}.",
    "lookup": "{op} sucht Zahlen aus {inputs} heraus: {value}.",
    "opaque": "{op} von {inputs}: {value}.",
    "over": " entlang der Achse {dim}",
    "nothing": " {inputs} liegt unter null, also fließt hier kein Gradient zurück.",
    "some": " {count} von {total} Zahlen sind null: dort fließt kein Gradient zurück.",
    "total": " Das ist der Verlust.",
    "start": "Ändert sich der Verlust um 1, ändert er sich um 1: der Gradient beginnt "
    "mit 1.",
    "slope": "Zurück durch {op}: der Gradient {gradient} mal die Steigung {local} "
    "schickt {share} an {to}.",
    "slopes": "Zurück durch {op}: jeder Gradient mal die Steigung an seiner Stelle; "
    "der erste ist {gradient} mal {local} = {share} und geht an {to}.",
    "shared": "Zurück durch {op}: der Gradient {gradient} geht weiter an {to}, als "
    "{share}.",
    "and": " und ",
    "blocked": " Die Steigung ist null{where}: nichts kommt hindurch.",
    "where": " an {count} von {total} Stellen",
    "set": "{name} hat seinen Gradienten: {value}.",
    "added": "{name} hatte schon den Gradienten {before}; der neue kommt hinzu: "
    "{value}.",
    "replaced": "Der Gradient von {name} wird ersetzt durch {value}.",
    "formula": "Für {parameter}: {sentence}",
    "moved": "{name} bewegt sich von {before} nach {after}, um {change}.",
    "moved_many": "{name} bewegt sich: die erste Zahl von {before} nach {after}; die "
    "größte Änderung seiner {count} Zahlen ist {change}.",
    "spread": "{shape} Zahlen von {low} bis {high}",
    "unknown": "{op} von {inputs}: die Zahlen wurden nicht behalten, nur {value}.",
}
