//! The colours of the charts. The library writes the light ones into its SVG as plain attributes; the page's style sheet
//! finds them there and puts variables in their place, so that one drawing serves light, dark and paper.

use plotters::style::RGBColor;
use serde::Serialize;

/// A colour on light and on dark ground.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Colour {
    /// Its name in the style sheet.
    pub(crate) name: &'static str,
    /// On light ground, as the library writes it.
    light: &'static str,
    /// On dark ground.
    dark: &'static str,
}

impl Colour {
    const fn new(name: &'static str, light: &'static str, dark: &'static str) -> Self {
        Self { name, light, dark }
    }

    /// As the library takes it.
    pub(crate) fn rgb(self) -> RGBColor {
        let part = |at| u8::from_str_radix(&self.light[at..at + 2], 16).unwrap_or_default();
        RGBColor(part(1), part(3), part(5))
    }
}

/// Everything that follows an order: Primes, Units, tranches. Okabe and Ito's, which colour-blind people tell apart,
/// darker where the ground is white.
pub(crate) const SERIES: [Colour; 6] = [
    Colour::new("blue", "#0072B2", "#4FA8E0"),
    Colour::new("orange", "#D98200", "#F5B53D"),
    Colour::new("green", "#00876A", "#2FC7A0"),
    Colour::new("red", "#C44E00", "#FF8B55"),
    Colour::new("purple", "#B0609B", "#E29AC9"),
    Colour::new("sky", "#3D9BD0", "#97D2F5"),
];
/// All that have no colour of their own.
pub(crate) const OTHERS: Colour = Colour::new("others", "#8A929C", "#7F8893");
/// What is only there to compare with.
pub(crate) const PALE: Colour = Colour::new("pale", "#D6DDE4", "#3A434D");
/// Letters on a chart.
pub(crate) const INK: Colour = Colour::new("ink", "#3B444E", "#C6CDD5");
/// Lines behind a chart.
pub(crate) const RULE: Colour = Colour::new("rule", "#E3E7EB", "#2E363F");
/// The ground.
pub(crate) const PAPER: Colour = Colour::new("paper", "#FFFFFF", "#14181D");

/// The colour of the series at this place.
pub(crate) fn series(at: usize) -> Colour {
    SERIES.get(at).copied().unwrap_or(OTHERS)
}

/// Every colour, for the style sheet.
pub(crate) fn all() -> Vec<Colour> {
    let mut all = SERIES.to_vec();
    all.extend([OTHERS, PALE, INK, RULE, PAPER]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_finds_each_colour_as_the_library_writes_it() {
        for colour in all() {
            let RGBColor(r, g, b) = colour.rgb();
            assert_eq!(format!("#{r:02X}{g:02X}{b:02X}"), colour.light, "{}", colour.name);
        }
        let mut names: Vec<_> = all().iter().map(|colour| colour.light).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len(), "two colours cannot be told apart");
    }
}
