//! From places to SVG, by plotters. Nothing here knows what is shown.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use std::{error::Error as StdError, ops::Range};

use plotters::{
    chart::{ChartBuilder, ChartContext},
    coord::{cartesian::Cartesian2d, types::RangedCoordf64},
    drawing::IntoDrawingArea,
    element::{Circle, Rectangle, Text},
    prelude::SVGBackend,
    series::{AreaSeries, LineSeries},
    style::{
        Color, IntoFont, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{
    Error, Result,
    names::clipped,
    palette::{Colour, INK, PALE, PAPER, RULE},
};

/// Where something is, in the units of the axes.
pub(super) type Place = (f64, f64);

/// Width and height of a chart; the page scales it. Letters of [`LETTERS`] can be read where it is a phone wide.
const SIZE: (u32, u32) = (440, 270);
/// What plotters takes for letters 13.7 high.
const LETTERS: f64 = 17.0;
/// How wide such a letter is, roughly.
const LETTER: u32 = 8;
/// Room at the right, for half of the last mark's text.
const RIGHT: u32 = 12;

/// Something on a chart.
pub(super) enum Mark {
    /// From these places down to zero.
    Area(Colour, Vec<Place>),
    /// Through these places; one place is a dot.
    Line(Colour, Vec<Place>),
    /// Between two corners.
    Box(Colour, Place, Place),
    /// Letters above this place.
    Words(Place, String),
}

/// What the horizontal axis has.
pub(super) enum Across<'a> {
    /// Numbers, and what they count.
    Numbers(Range<f64>, &'a str, &'a dyn Fn(f64) -> String),
    /// Names, each one wide, from 0.
    Names(Vec<String>),
}

/// A chart with two axes.
pub(super) struct Plot<'a> {
    pub(super) title: &'static str,
    pub(super) across: Across<'a>,
    pub(super) up: Range<f64>,
    pub(super) up_text: &'a dyn Fn(f64) -> String,
    /// In the order in which they are painted.
    pub(super) marks: Vec<Mark>,
}

type Context<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

impl Plot<'_> {
    /// Draws it.
    pub(super) fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        self.draw(&mut svg).map_err(|error| failed(self.title, &*error))?;
        Ok(svg)
    }

    fn draw(&self, svg: &mut String) -> Result<(), Box<dyn StdError>> {
        let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let (x, x_name) = match &self.across {
            Across::Numbers(range, name, _) => (range.clone(), *name),
            Across::Names(names) => (0.0..names.len() as f64, ""),
        };
        let longest = [self.up.start, self.up.end].map(|end| (self.up_text)(end).len() as u32);
        let left = 22 + LETTER * longest.into_iter().max().unwrap_or_default().min(16);
        let mut chart = ChartBuilder::on(&root)
            .margin_top(10)
            .margin_right(RIGHT)
            .y_label_area_size(left)
            .x_label_area_size(if x_name.is_empty() { 26 } else { 44 })
            .build_cartesian_2d(filled(x), filled(self.up.clone()))?;
        let x_text = |x: &f64| match &self.across {
            Across::Numbers(_, _, text) => text(*x),
            Across::Names(_) => String::new(),
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .max_light_lines(0)
            .bold_line_style(RULE.rgb())
            .axis_style(RULE.rgb())
            .label_style(letters())
            .axis_desc_style(letters())
            .x_labels(if matches!(self.across, Across::Names(_)) { 0 } else { 7 })
            .y_labels(5)
            .x_label_formatter(&x_text)
            .y_label_formatter(&|y| (self.up_text)(*y))
            .x_desc(x_name)
            .draw()?;
        for mark in &self.marks {
            paint(&mut chart, mark)?;
        }
        if let Across::Names(names) = &self.across {
            let room = (SIZE.0 - left - RIGHT) / LETTER / names.len().max(1) as u32;
            for (at, name) in names.iter().enumerate() {
                let (x, y) = chart.backend_coord(&(at as f64 + 0.5, self.up.start));
                let style = letters().pos(Pos::new(HPos::Center, VPos::Top));
                root.draw(&Text::new(clipped(name, room as usize), (x, y + 8), style))?;
            }
        }
        drop(chart);
        root.present()?;
        Ok(())
    }
}

fn paint(chart: &mut Context<'_, '_>, mark: &Mark) -> Result<(), Box<dyn StdError>> {
    match mark {
        Mark::Area(colour, places) => {
            let area = AreaSeries::new(places.iter().copied(), 0.0, colour.rgb().filled());
            chart.draw_series(area.border_style(PAPER.rgb().stroke_width(1)))?;
        }
        Mark::Line(colour, places) if places.len() == 1 => {
            let dots = places.iter().map(|place| Circle::new(*place, 5, colour.rgb().filled()));
            chart.draw_series(dots)?;
        }
        Mark::Line(colour, places) => {
            let line = LineSeries::new(places.iter().copied(), colour.rgb().stroke_width(2));
            chart.draw_series(line)?;
        }
        Mark::Box(colour, from, to) => {
            chart.draw_series([Rectangle::new([*from, *to], colour.rgb().filled())])?;
        }
        Mark::Words(place, words) => {
            let (x, y) = chart.backend_coord(place);
            let style = letters().pos(Pos::new(HPos::Center, VPos::Bottom));
            let root = chart.plotting_area().strip_coord_spec();
            let (left, top) = root.get_base_pixel();
            root.draw(&Text::new(words.clone(), (x - left, y - top - 3), style))?;
        }
    }
    Ok(())
}

/// A bar, and the line of text above it.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: String,
    /// How much of its width is full, basis points.
    pub(super) full_bps: u32,
    pub(super) colour: Colour,
}

/// Bars one under the other, each as wide as the chart.
pub(super) fn bars(title: &'static str, bars: &[Bar]) -> Result<String> {
    let mut svg = String::new();
    draw_bars(&mut svg, bars).map_err(|error| failed(title, &*error))?;
    Ok(svg)
}

fn draw_bars(svg: &mut String, bars: &[Bar]) -> Result<(), Box<dyn StdError>> {
    const ROW: i32 = 38;
    let width = SIZE.0 as i32;
    let size = (SIZE.0, ROW.unsigned_abs() * bars.len() as u32);
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    for (at, bar) in bars.iter().enumerate() {
        let top = ROW * at as i32;
        let room = (SIZE.0 / (LETTER - 1)) as usize - bar.value.chars().count().min(30) - 3;
        root.draw(&Text::new(clipped(&bar.name, room), (0, top + 4), letters()))?;
        let right = letters().pos(Pos::new(HPos::Right, VPos::Top));
        root.draw(&Text::new(bar.value.clone(), (width, top + 4), right))?;
        let full = width * bar.full_bps.min(10_000) as i32 / 10_000;
        let (from, to) = (top + 22, top + 31);
        root.draw(&Rectangle::new([(0, from), (width, to)], PALE.rgb().filled()))?;
        if full > 0 {
            root.draw(&Rectangle::new([(0, from), (full, to)], bar.colour.rgb().filled()))?;
        }
    }
    root.present()?;
    Ok(())
}

fn letters() -> TextStyle<'static> {
    ("sans-serif", LETTERS).into_font().color(&INK.rgb())
}

/// A range with something in it, so that nothing is divided by nothing.
fn filled(range: Range<f64>) -> Range<f64> {
    if range.end > range.start { range } else { range.start..range.start + 1.0 }
}

fn failed(chart: &'static str, error: &dyn StdError) -> Error {
    Error::Chart { chart, what: error.to_string() }
}

/// Numbers on an axis of this length with as many decimals as tell its marks apart.
pub(super) fn axis_number(length: f64) -> impl Fn(f64) -> String {
    let step = (length / 5.0).log10();
    let places = if step.is_finite() { (-step.floor()).clamp(0.0, 9.0) as usize } else { 0 };
    move |value| format!("{value:.places$}")
}

/// Whole numbers on an axis; a mark between two has no text.
pub(super) fn whole_number(value: f64) -> String {
    if (value - value.round()).abs() < 1e-9 { format!("{value:.0}") } else { String::new() }
}

/// From zero to a little above the highest of these.
pub(super) fn up_to(places: impl IntoIterator<Item = f64>) -> Range<f64> {
    0.0..places.into_iter().fold(0.0, f64::max) * 1.06
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_texts_tell_marks_apart() {
        assert_eq!(axis_number(400.0)(200.0), "200");
        assert_eq!(axis_number(2.0)(0.5), "0.5");
        assert_eq!(axis_number(0.005)(1.001), "1.001");
        assert_eq!(axis_number(0.0)(3.0), "3");
        assert_eq!(whole_number(2.5), "");
    }
}
