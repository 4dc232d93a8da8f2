//! Front-end messages that the widget library works on, by the token it was given with each.

use std::collections::{HashMap, VecDeque};

use crate::wire::Header;

/// So many answered tokens are remembered, for output that comes after the handlers' return.
const REMEMBERED: usize = 1000;

/// A front-end message.
#[derive(Debug, Clone)]
pub struct Handling {
    /// Parent of the handlers' output.
    pub parent: Header,
    /// The execute_request during which the comm was opened.
    pub cell: Header,
}

/// All tokens of this kernel.
#[derive(Debug, Default)]
pub struct Tokens {
    last: u64,
    /// Not yet followed by an idle.
    waiting: HashMap<u64, Handling>,
    /// Followed by one, oldest first.
    answered: VecDeque<(u64, Handling)>,
}

impl Tokens {
    /// A token for a message that goes to the library.
    pub fn add(&mut self, handling: Handling) -> u64 {
        self.last += 1;
        self.waiting.insert(self.last, handling);
        self.last
    }

    /// Whose output comes with this token.
    pub fn get(&self, token: u64) -> Option<&Handling> {
        self.waiting.get(&token).or_else(|| {
            let (_, handling) = self.answered.iter().rev().find(|(of, _)| *of == token)?;
            Some(handling)
        })
    }

    /// The parent that is to get its idle now; `None` when it has.
    pub fn answer(&mut self, token: u64) -> Option<Header> {
        let handling = self.waiting.remove(&token)?;
        let parent = handling.parent.clone();
        if self.answered.len() == REMEMBERED {
            self.answered.pop_front();
        }
        self.answered.push_back((token, handling));
        Some(parent)
    }

    /// Tokens that wait, oldest first.
    pub fn waiting(&self) -> Vec<u64> {
        let mut tokens: Vec<u64> = self.waiting.keys().copied().collect();
        tokens.sort_unstable();
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_answered_once_and_remembered_for_a_while() {
        let mut tokens = Tokens::default();
        let handling = Handling { parent: Header::default(), cell: Header::default() };
        let first = tokens.add(handling.clone());
        assert_eq!(tokens.waiting(), [first]);
        assert!(tokens.answer(first).is_some());
        assert!(tokens.answer(first).is_none());
        assert!(tokens.get(first).is_some());
        for _ in 0..REMEMBERED {
            let token = tokens.add(handling.clone());
            tokens.answer(token);
        }
        assert!(tokens.get(first).is_none());
        assert!(tokens.waiting().is_empty());
    }
}
