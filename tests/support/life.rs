//! A Prime's way into a Unit and out again, by the production ERC-7540 facet.

use alloy_primitives::{Address, U256};
use halo_chain::{Chain, PrimePau, TimeTravel};
use halo_sim::{Observer, UnitAt};
use halo_templates::bindings::{ControllerSurface, HaloUnit, Usdc, Usds};
use halo_tests::World;

const DAY: u64 = 86_400;

/// What the Prime and the Class hold at each stage, in base units of the asset, and the Prime's shares.
pub(crate) type Stages = Vec<(&'static str, U256, U256, U256)>;

/// A Prime before a Unit, and the Controller by which it enters.
pub(crate) struct Life<'a> {
    pub(crate) world: &'a World,
    pub(crate) pau: &'a PrimePau,
    pub(crate) observer: Observer<'a>,
    pub(crate) at: UnitAt,
    /// The Controller that moves the Prime's custody.
    pub(crate) controller: Address,
    /// Base units of the asset that it brings.
    pub(crate) amount: U256,
    pub(crate) stages: Stages,
}

impl<'a> Life<'a> {
    /// Ten million of the asset for the equity: nobody enters a Unit that ranks above it before it covers them.
    pub(crate) async fn new<C: Chain>(
        world: &'a World,
        pau: &'a PrimePau,
        registry: Address,
        chain: &C,
    ) -> Self {
        let observer = Observer { network: &world.network, registry };
        let at = observer.locate(chain, world.spec.units_by_tranche()[0].id).await.unwrap();
        let one = U256::from(10).pow(U256::from(world.spec.asset.decimals));
        let amount = U256::from(10_000_000u64) * one;
        let (controller, stages) = (pau.controller, Stages::new());
        Self { world, pau, observer, at, controller, amount, stages }
    }

    fn relayer(&self) -> Address {
        self.pau.relayer.unwrap()
    }

    fn is_usdc(&self) -> bool {
        self.world.spec.asset.symbol == "USDC"
    }

    /// The amount in USDS.
    pub(crate) fn in_usds(&self, amount: U256) -> U256 {
        if self.is_usdc() { amount * U256::from(10).pow(U256::from(12)) } else { amount }
    }

    /// The Prime draws USDS from its vault, and buys USDC with it where the Unit takes that.
    pub(crate) async fn bring<C: TimeTravel>(&self, chain: &mut C) {
        let (relayer, controller) = (self.relayer(), self.pau.controller);
        let mint = ControllerSurface::usds_mintCall { usdsAmount: self.in_usds(self.amount) };
        chain.write(relayer, controller, &mint).await.unwrap();
        if self.is_usdc() {
            let swap = ControllerSurface::psm_swapUSDSToUSDCCall { usdcAmount: self.amount };
            chain.write(relayer, controller, &swap).await.unwrap();
        }
    }

    /// Subscribes, is settled, claims the shares, redeems them, is settled, and claims the assets.
    pub(crate) async fn round_trip<C: TimeTravel>(&mut self, chain: &mut C) {
        let (relayer, controller) = (self.relayer(), self.controller);
        self.note("start", chain).await;
        let token = self.at.unit.at.unit;
        let amount = self.amount;
        let request = ControllerSurface::erc7540_requestDepositCall { token, amount };
        chain.write(relayer, controller, &request).await.unwrap();
        self.note("requested", chain).await;

        self.settle(chain, false).await;
        let claim = ControllerSurface::erc7540_claimDepositCall { token };
        chain.write(relayer, controller, &claim).await.unwrap();
        self.note("claimed", chain).await;
        let shares = self.stages.last().unwrap().2;
        assert!(!shares.is_zero());

        let redeem = ControllerSurface::erc7540_requestRedeemCall { token, shares };
        chain.write(relayer, controller, &redeem).await.unwrap();
        self.note("redeeming", chain).await;

        // The Class's relayer puts the money back within reach of the redeemers.
        let owed = HaloUnit::convertToAssetsCall { shares };
        let owed = chain.read(token, &owed).await.unwrap();
        let fund = ControllerSurface::lctsHalo_fundRedemptionCall { unit: token, amount: owed };
        chain.write(self.world.spec.relayer, self.at.class.at.controller, &fund).await.unwrap();
        self.settle(chain, true).await;
        let claim = ControllerSurface::erc7540_claimRedeemCall { token };
        chain.write(relayer, controller, &claim).await.unwrap();
        self.note("redeemed", chain).await;
    }

    /// One epoch of the beacon's day: lock at the next 13:00, the attestors' report, settlement.
    async fn settle<C: TimeTravel>(&self, chain: &mut C, reported: bool) {
        use halo_sentinel::lcts::settler::{Published, Rules};
        let Self { world, at, observer, .. } = self;
        let now = chain.block().await.unwrap().timestamp;
        let lock = now - now % DAY + u64::from(world.scenario.lock);
        chain.travel_to(if lock > now { lock } else { lock + DAY }).await.unwrap();
        let beacon = halo_sim::LphaLcts {
            settler: world.spec.settler,
            id: world.spec.beacon.id,
            rules: Rules::default(),
        };
        let published =
            Published { subscribe_capacity: Some(U256::MAX), redeem_capacity: Some(U256::MAX) };
        for _ in 0..4 {
            let (verdict, settled) = beacon.act(chain, observer, at, &published).await.unwrap();
            if settled.is_some() {
                return;
            }
            if reported && verdict.actions.is_empty() {
                let now = chain.block().await.unwrap().timestamp;
                chain.travel_to(now + 3_600).await.unwrap();
                halo_sim::report(chain, &world.spec, at).await.unwrap();
            }
        }
        panic!("the epoch was not settled");
    }

    async fn note<C: TimeTravel>(&mut self, stage: &'static str, chain: &C) {
        let asset = self.world.spec.asset.address;
        let proxy = self.pau.proxy;
        let held = chain.read(asset, &Usdc::balanceOfCall(proxy)).await.unwrap();
        let balance = HaloUnit::balanceOfCall { account: proxy };
        let shares = chain.read(self.at.unit.at.unit, &balance).await.unwrap();
        let class = Usds::balanceOfCall(self.at.class.at.almProxy);
        let class = chain.read(asset, &class).await.unwrap();
        self.stages.push((stage, held, shares, class));
    }
}
