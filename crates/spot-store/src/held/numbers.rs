//! The numbers of a part's rows: kept narrow, and searched in blocks.

use polars::prelude::IdxSize;

/// The numbers of a part's rows, above the least of them, as narrow as they can be: those of times are
/// high late in the day, and close to each other.
pub(super) struct Numbers {
    least: u32,
    above: Above,
}

enum Above {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl Numbers {
    pub fn narrow(mut numbers: Vec<u32>) -> Self {
        let least = numbers.iter().min().copied().unwrap_or_default();
        for number in &mut numbers {
            *number -= least;
        }
        let above = match numbers.iter().max().copied().unwrap_or_default() {
            0..=0xff => Above::One(numbers.into_iter().map(|n| n as u8).collect()),
            0x100..=0xffff => Above::Two(numbers.into_iter().map(|n| n as u16).collect()),
            _ => Above::Four(numbers),
        };
        Self { least, above }
    }

    pub fn bytes(&self) -> usize {
        match &self.above {
            Above::One(all) => all.len(),
            Above::Two(all) => 2 * all.len(),
            Above::Four(all) => 4 * all.len(),
        }
    }

    /// Adds the places of rows whose number passes.
    pub fn find(&self, passes: &Passes, places: &mut Vec<u32>) {
        match &self.above {
            Above::One(all) => passes.find(self.least, all, places),
            Above::Two(all) => passes.find(self.least, all, places),
            Above::Four(all) => passes.find(self.least, all, places),
        }
    }

    /// The numbers of the rows at `places`.
    pub fn of(&self, places: &[u32]) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(places.len());
        self.add_to(places, &mut numbers);
        numbers
    }

    /// Adds the numbers of the rows at `places`.
    pub fn add_to(&self, places: &[u32], numbers: &mut Vec<IdxSize>) {
        fn of<N: Copy + Into<u32>>(all: &[N], places: &[u32], numbers: &mut Vec<u32>, least: u32) {
            numbers.extend(places.iter().map(|&place| least + all[place as usize].into()));
        }
        match &self.above {
            Above::One(all) => of(all, places, numbers, self.least),
            Above::Two(all) => of(all, places, numbers, self.least),
            Above::Four(all) => of(all, places, numbers, self.least),
        }
    }
}

/// The numbers of values that pass a test.
pub(super) struct Passes {
    /// By number.
    passes: Vec<bool>,
    /// The first of the numbers that pass, one more than are few.
    first: Vec<u32>,
}

impl Passes {
    /// Up to so many numbers are compared with whole blocks of rows, which processors do many at once.
    const FEW: usize = 4;
    const BLOCK: usize = 512;

    pub fn new(passes: Vec<bool>) -> Self {
        let numbers = passes.iter().zip(0..).filter(|(passes, _)| **passes);
        let first = numbers.map(|(_, number)| number).take(Self::FEW + 1).collect();
        Self { first, passes }
    }

    /// How many values pass.
    pub fn count(&self) -> usize {
        self.passes.iter().filter(|passes| **passes).count()
    }

    /// Whether the value of this number passes.
    pub fn has(&self, number: u32) -> bool {
        self.passes.get(number as usize).copied().unwrap_or(false)
    }

    fn find<N>(&self, least: u32, all: &[N], places: &mut Vec<u32>)
    where
        N: Copy + PartialEq + Into<u32> + TryFrom<u32>,
    {
        // Numbers that do not fit stand nowhere in these rows.
        let fits = |number: &u32| N::try_from(number.checked_sub(least)?).ok();
        let few: Vec<N> = self.first.iter().filter_map(fits).collect();
        let is_few = self.first.len() <= Self::FEW;
        let passes = self.passes.get(least as usize..).unwrap_or_default();
        for (block, start) in all.chunks(Self::BLOCK).zip((0u32..).step_by(Self::BLOCK)) {
            let has = |number: N| block.iter().fold(false, |has, other| has | (*other == number));
            if is_few && !few.iter().any(|number| has(*number)) {
                continue;
            }
            let found = block.iter().zip(start..).filter(|(number, _)| {
                passes.get((**number).into() as usize).copied().unwrap_or(false)
            });
            places.extend(found.map(|(_, place)| place));
        }
    }
}
