//! A Unit with its queues and Book on the embedded chain, and those who act on it.

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use halo_chain::{Embedded, Snapshot};
use halo_sentinel::{
    encode::{self, Beacon},
    lcts::{queue::Status, settler::Action},
    view::{BookView, QueueView, UnitState, UnitView},
};
use halo_templates::{
    bindings::{AccessControls, Dai, HaloBook, HaloUnit, LctsQueue, Usdc},
    template,
};

/// 1 January 2026, 12:00 UTC.
pub(crate) const START: u64 = 1_767_268_800;
pub(crate) const DAY: u64 = 86_400;
pub(crate) const USERS: [Address; 3] =
    [Address::with_last_byte(0xa1), Address::with_last_byte(0xa2), Address::with_last_byte(0xa3)];

pub(crate) const UNIT: Address = address!("2000000000000000000000000000000000000001");
pub(crate) const SUBSCRIBE: Address = address!("2000000000000000000000000000000000000002");
pub(crate) const REDEEM: Address = address!("2000000000000000000000000000000000000003");
pub(crate) const CUSTODY: Address = address!("2000000000000000000000000000000000000004");
const BOOK: Address = address!("2000000000000000000000000000000000000005");
const ACL: Address = address!("2000000000000000000000000000000000000006");
const ASSET: Address = address!("2000000000000000000000000000000000000007");
const ADMIN: Address = address!("2000000000000000000000000000000000000008");
const SETTLER: Address = address!("2000000000000000000000000000000000000009");
const REGISTRY: Address = address!("200000000000000000000000000000000000000a");

/// What every user has at the beginning.
const FUNDS: U256 = U256::from_limbs([0, 1 << 40, 0, 0]);

pub(crate) struct World {
    pub(crate) chain: Embedded,
    decimals: u8,
}

impl World {
    pub(crate) fn genesis(decimals: u8) -> Snapshot {
        let mut chain = Embedded::new(1337, START);
        chain.set_history(false);
        let mut world = Self { chain, decimals };
        world.tokens();
        world.class();
        world.chain.snapshot()
    }

    pub(crate) fn new(genesis: &Snapshot, decimals: u8) -> Self {
        Self { chain: Embedded::from_snapshot(genesis), decimals }
    }

    fn tokens(&mut self) {
        let (fixture, mints) = if self.decimals == 6 {
            let allow = Usdc::configureMinterCall { minter: ADMIN, amount: U256::MAX };
            (&template::Usdc, vec![allow.abi_encode()])
        } else {
            (&template::Dai, vec![])
        };
        self.chain.install(ASSET, ADMIN, fixture.creation_code().clone()).unwrap();
        let mint = |to| Dai::mintCall { to, value: FUNDS }.abi_encode();
        for data in mints.into_iter().chain(USERS.map(mint)) {
            assert!(self.chain.transact(ADMIN, ASSET, data.into()).unwrap().is_success());
        }
        for owner in USERS.into_iter().chain([CUSTODY]) {
            self.must(owner, ASSET, &Dai::approveCall { spender: UNIT, value: U256::MAX });
        }
    }

    fn class(&mut self) {
        let acl = [&template::AccessControls.creation_code()[..], &ADMIN.abi_encode()].concat();
        self.chain.install(ACL, ADMIN, acl.into()).unwrap();
        let role = keccak256("SETTLER_ROLE");
        self.must(ADMIN, ACL, &AccessControls::grantRoleCall { role, account: SETTLER });

        for (at, code) in [
            (BOOK, &template::HaloBook),
            (UNIT, &template::HaloUnit),
            (SUBSCRIBE, &template::LctsQueue),
            (REDEEM, &template::LctsQueue),
        ] {
            self.chain.set_code(at, code.runtime_code().clone()).unwrap();
        }
        let p = HaloBook::BookInit {
            acl: ACL,
            reporter: ADMIN,
            asset: ASSET,
            mode: 0,
            maxUpBpsPerDay: 100,
            reviewDownBps: 100,
            maxReportAge: 129_600,
            factory: ADMIN,
            ledger: Address::ZERO,
        };
        self.must(ADMIN, BOOK, &HaloBook::initializeCall { p });
        let p = HaloUnit::UnitInit {
            name: "T-bills".into(),
            symbol: "TB".into(),
            asset: ASSET,
            acl: ACL,
            book: BOOK,
            classProxy: CUSTODY,
            registry: REGISTRY,
            subscribeQueue: SUBSCRIBE,
            redeemQueue: REDEEM,
            tranche: 0,
            cap: U256::ZERO,
            epochSubscribeCap: U256::ZERO,
            epochRedeemCap: U256::ZERO,
            minSubscribe: U256::ONE,
            minRedeem: U256::ONE,
            minEpochGap: 72_000,
            maxLock: 21_600,
            clock: HaloUnit::Clock { enforce: true, lockFrom: 46_800, lockTo: 57_600 },
            open: false,
            entrants: USERS.to_vec(),
            holders: vec![],
        };
        self.must(ADMIN, UNIT, &HaloUnit::initializeCall { p });
        let join = HaloBook::addUnitCall { unit: UNIT, tranche: 0, annualBps: 0, minCoverBps: 0 };
        self.must(ADMIN, BOOK, &join);
        self.must(REGISTRY, UNIT, &HaloUnit::setSubscribeUntilCall { until: u64::MAX });
    }

    // --- Acts ---

    /// A call that may fail; whether it did not.
    pub(crate) fn may<C: SolCall>(&mut self, from: Address, to: Address, call: &C) -> bool {
        self.chain.transact(from, to, call.abi_encode().into()).unwrap().is_success()
    }

    /// A call that must not fail.
    pub(crate) fn must<C: SolCall>(&mut self, from: Address, to: Address, call: &C) {
        let outcome = self.chain.transact(from, to, call.abi_encode().into()).unwrap();
        assert!(outcome.is_success(), "{}: {outcome:?}", C::SIGNATURE);
    }

    /// Sends what the beacon decided. Returns the event of a settlement.
    pub(crate) fn send(
        &mut self,
        action: &Action,
    ) -> Result<Option<HaloUnit::EpochSettled>, Bytes> {
        let beacon = Beacon {
            id: B256::ZERO,
            beacons: Address::ZERO,
            units: Address::ZERO,
            state_root: B256::ZERO,
        };
        let call = encode::action(&beacon, action);
        let outcome = self.chain.transact(SETTLER, call.to, call.data).unwrap();
        if !outcome.is_success() {
            return Err(outcome.output);
        }
        let event =
            outcome.logs.iter().find_map(|log| HaloUnit::EpochSettled::decode_log(log).ok());
        Ok(event.map(|event| event.data))
    }

    pub(crate) fn set_caps(&mut self, cap: U256, subscribe: U256, redeem: U256) {
        let call = HaloUnit::setCapsCall {
            cap_: cap,
            epochSubscribeCap_: subscribe,
            epochRedeemCap_: redeem,
        };
        self.must(ADMIN, UNIT, &call);
    }

    /// Sets the Book's value, as of now.
    pub(crate) fn report(&mut self, nav: U256) {
        let call = HaloBook::forceNavCall { nav_: nav, evidenceHash: B256::ZERO };
        self.must(ADMIN, BOOK, &call);
    }

    pub(crate) fn fund(&mut self, amount: U256) {
        self.must(CUSTODY, UNIT, &HaloUnit::depositLiquidityCall { amount });
    }

    // --- Views ---

    pub(crate) fn read<C: SolCall>(&mut self, to: Address, call: &C) -> C::Return {
        let outcome = self.chain.view(ADMIN, to, call.abi_encode().into()).unwrap();
        assert!(outcome.is_success(), "{}: {outcome:?}", C::SIGNATURE);
        C::abi_decode_returns(&outcome.output).unwrap()
    }

    pub(crate) fn assets_of(&mut self, account: Address) -> U256 {
        self.read(ASSET, &Dai::balanceOfCall(account))
    }

    pub(crate) fn shares_of(&mut self, account: Address) -> U256 {
        self.read(UNIT, &HaloUnit::balanceOfCall { account })
    }

    pub(crate) fn nav(&mut self) -> U256 {
        self.read(BOOK, &HaloBook::navCall {})
    }

    pub(crate) fn book_shares(&mut self) -> U256 {
        self.read(BOOK, &HaloBook::totalSharesCall {})
    }

    /// The Unit as the sentinels see it.
    pub(crate) fn unit(&mut self) -> UnitView {
        UnitView {
            id: B256::ZERO,
            unit: UNIT,
            asset: ASSET,
            asset_decimals: self.decimals,
            state: UnitState::from_index(self.read(UNIT, &HaloUnit::stateCall {})).unwrap(),
            subscribe_until: self.read(UNIT, &HaloUnit::subscribeUntilCall {}),
            epoch: self.read(UNIT, &HaloUnit::epochCall {}),
            last_lock_at: self.read(UNIT, &HaloUnit::lastLockAtCall {}),
            last_settle_at: self.read(UNIT, &HaloUnit::lastSettleAtCall {}),
            is_locked: self.read(UNIT, &HaloUnit::lockedCall {}),
            min_epoch_gap: self.read(UNIT, &HaloUnit::minEpochGapCall {}),
            max_lock: self.read(UNIT, &HaloUnit::maxLockCall {}),
            clock: None,
            subscribe: self.queue(SUBSCRIBE),
            redeem: self.queue(REDEEM),
            index: self.read(BOOK, &HaloBook::indexOfCall { unit: UNIT }),
            total_supply: self.read(UNIT, &HaloUnit::totalSupplyCall {}),
            cap: self.read(UNIT, &HaloUnit::capCall {}),
            epoch_subscribe_cap: self.read(UNIT, &HaloUnit::epochSubscribeCapCall {}),
            epoch_redeem_cap: self.read(UNIT, &HaloUnit::epochRedeemCapCall {}),
            redeem_liquidity: self.read(UNIT, &HaloUnit::redeemLiquidityCall {}),
            subscribe_headroom: self.read(BOOK, &HaloBook::subscribeHeadroomCall { unit: UNIT }),
            redeem_headroom: self.read(BOOK, &HaloBook::redeemHeadroomCall { unit: UNIT }),
            min_subscribe: U256::ONE,
            book: BookView {
                is_empty: self.read(BOOK, &HaloBook::isEmptyCall {}),
                as_of: self.read(BOOK, &HaloBook::navAsOfCall {}),
                max_report_age: self.read(BOOK, &HaloBook::maxReportAgeCall {}),
                under_review: self.read(BOOK, &HaloBook::underReviewCall {}),
            },
        }
    }

    fn queue(&mut self, at: Address) -> QueueView {
        let status = match self.read(at, &LctsQueue::statusCall {}) {
            0 => Status::Dormant,
            1 => Status::Active,
            _ => Status::Locked,
        };
        QueueView { status, total: self.read(at, &LctsQueue::totalUnderlyingCall {}) }
    }
}
