"""The program's own two looks, both calm; meaning never rests on colour alone."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="practise-dark",
    primary="#86b8cf",
    secondary="#b3a7d6",
    accent="#e3bd7e",
    foreground="#dde3ea",
    background="#12161b",
    surface="#181e25",
    panel="#222b35",
    success="#93c79a",
    warning="#e6b672",
    error="#ec9187",
    dark=True,
    variables={
        "text-muted": "#9aa7b5",
        "block-cursor-background": "#2c3a48",
        "block-cursor-foreground": "#f2f5f8",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#222b35",
        "block-cursor-blurred-foreground": "#dde3ea",
        "footer-key-foreground": "#e3bd7e",
        "footer-background": "#181e25",
        "footer-description-foreground": "#b9c4d0",
        "footer-item-background": "#181e25",
        "input-selection-background": "#86b8cf 35%",
        "border": "#3a4857",
        "border-blurred": "#2b3642",
    },
)
"""For evening offices: quiet blue-grey with one warm accent."""

LIGHT = Theme(
    name="practise-light",
    primary="#1f5f7a",
    secondary="#5b4a91",
    accent="#8a5300",
    foreground="#20262c",
    background="#faf8f4",
    surface="#f3f0e9",
    panel="#e7e2d7",
    success="#23663a",
    warning="#8a5300",
    error="#a03024",
    dark=False,
    variables={
        "text-muted": "#565f68",
        "block-cursor-background": "#d6e4ea",
        "block-cursor-foreground": "#10161b",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e7e2d7",
        "block-cursor-blurred-foreground": "#20262c",
        "footer-key-foreground": "#8a5300",
        "footer-background": "#f3f0e9",
        "footer-description-foreground": "#3d464f",
        "footer-item-background": "#f3f0e9",
        "input-selection-background": "#1f5f7a 25%",
        "border": "#b9b1a1",
        "border-blurred": "#d3ccbe",
    },
)
"""For bright rooms: ink on warm paper."""

OWN = (DARK, LIGHT)
