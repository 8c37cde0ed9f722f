// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { SettlementMath } from "src/lcts/SettlementMath.sol";
import { UnitBase } from "src/lcts/UnitBase.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";

/// @title UnitVault: the ERC-7540 face of a Unit
/// @notice Requests wait in the two queues, claims take what settlements made of them. The request id is always 0:
/// requests of one controller add up. Claims, cancellations and exits are for the controller and his operators only.
/// @dev Cancellation has the shape of ERC-7887 and is immediate while the queue is not locked.
abstract contract UnitVault is UnitBase {
    /// @notice The caller is neither the account nor its operator.
    error NotOperator(address account);
    /// @notice The Unit is not onboarded: subscriptions were taken until `until` (unix seconds, 0 never).
    error NotOnboarded(uint64 until);
    /// @notice The share is worth nothing, so nothing can be bought.
    error Worthless();
    /// @notice Every request has the id 0.
    error UnknownRequest(uint256 requestId);
    /// @notice The result is known after the settlement only (ERC-7540).
    error NoPreview();

    event OperatorSet(address indexed controller, address indexed operator, bool approved);
    event DepositRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 assets
    );
    event RedeemRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );
    event Deposit(address indexed sender, address indexed owner, uint256 assets, uint256 shares);
    event Withdraw(
        address indexed sender,
        address indexed receiver,
        address indexed owner,
        uint256 assets,
        uint256 shares
    );
    event CancelDepositRequest(address indexed controller, uint256 indexed requestId, address sender);
    event CancelDepositClaim(
        address indexed controller,
        address indexed receiver,
        uint256 indexed requestId,
        address sender,
        uint256 assets
    );
    event CancelRedeemRequest(address indexed controller, uint256 indexed requestId, address sender);
    event CancelRedeemClaim(
        address indexed controller,
        address indexed receiver,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );

    uint256 private constant REQUEST_ID = 0;

    /// @notice Whether `operator` may act for `controller`.
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    modifier onlyController(address controller) {
        _checkOperator(controller);
        _;
    }

    // --- Requests ---

    /// @notice Lets `operator` act for the caller, or no longer.
    function setOperator(address operator, bool approved) external returns (bool) {
        isOperator[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    /// @notice Takes exactly `assets` asset units from `owner` (by his allowance to the Unit) and queues them for
    /// `controller`.
    /// @dev For the owner or his operator; owner and controller must be entrants. Reverts with NotOnboarded, WrongState,
    /// UnitLocked, Worthless, EntrantNotAllowed, SelfDeal, TransferMismatch, and the queue's BelowMinimum and QueueFull.
    /// @return The request id, 0.
    function requestDeposit(uint256 assets, address controller, address owner)
        external
        nonReentrant
        onlyController(owner)
        returns (uint256)
    {
        if (block.timestamp > subscribeUntil) revert NotOnboarded(subscribeUntil);
        _checkState(UnitState.ACTIVE);
        _checkUnlocked();
        if (_worthless) revert Worthless();
        _checkEntrant(controller);
        if (owner != controller) _checkEntrant(owner);

        subscribeQueue.enter(controller, assets);
        _pull(owner, address(subscribeQueue), assets);
        emit DepositRequest(controller, owner, REQUEST_ID, msg.sender, assets);
        return REQUEST_ID;
    }

    /// @notice Takes `shares` from `owner` and queues them for `controller`.
    /// @dev For the owner, his operator, or one to whom he approved the shares; the owner needs no approval. A
    /// controller other than the owner must be allowed to hold shares. Reverts with WrongState, UnitLocked,
    /// HolderNotAllowed, SelfDeal, and the queue's BelowMinimum and QueueFull.
    /// @return The request id, 0.
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        nonReentrant
        returns (uint256)
    {
        if (msg.sender != owner && !isOperator[owner][msg.sender]) {
            _spendAllowance(owner, msg.sender, shares);
        }
        _checkRunning();
        if (controller != owner) _checkHolder(controller);

        redeemQueue.enter(controller, shares);
        _transfer(owner, address(redeemQueue), shares);
        emit RedeemRequest(controller, owner, REQUEST_ID, msg.sender, shares);
        return REQUEST_ID;
    }

    // --- Claims ---

    /// @notice As the form with three arguments, the caller being the controller.
    function deposit(uint256 assets, address receiver) external returns (uint256) {
        return deposit(assets, receiver, msg.sender);
    }

    /// @notice As the form with three arguments, the caller being the controller.
    function mint(uint256 shares, address receiver) external returns (uint256) {
        return mint(shares, receiver, msg.sender);
    }

    /// @notice Claims the shares of `assets` converted asset units for `receiver`: pro rata, floor; all of them for
    /// `maxDeposit`. Zero does nothing.
    /// @dev For the controller or his operator. Reverts with the queue's ExceedsClaimable, and HolderNotAllowed for a
    /// receiver other than the controller.
    /// @return shares Shares paid.
    function deposit(uint256 assets, address receiver, address controller)
        public
        nonReentrant
        onlyController(controller)
        returns (uint256 shares)
    {
        _checkReceiver(receiver, controller);
        if (assets == 0) return 0;
        shares = _claimConverted(subscribeQueue, assets, receiver, controller);
        emit Deposit(controller, receiver, assets, shares);
    }

    /// @notice Claims `shares` for `receiver`. Zero does nothing.
    /// @dev For the controller or his operator. Reverts with the queue's ExceedsClaimable, and HolderNotAllowed for a
    /// receiver other than the controller.
    /// @return assets Asset units that this claims: pro rata, floor; all of them for `maxMint`.
    function mint(uint256 shares, address receiver, address controller)
        public
        nonReentrant
        onlyController(controller)
        returns (uint256 assets)
    {
        _checkReceiver(receiver, controller);
        return _claimShares(shares, receiver, controller);
    }

    /// @notice Claims `assets` asset units for `receiver`. Zero does nothing.
    /// @dev For the controller or his operator. Reverts with the queue's ExceedsClaimable.
    /// @return shares Redeemed shares that this claims: pro rata, floor; all of them for `maxWithdraw`.
    function withdraw(uint256 assets, address receiver, address controller)
        external
        nonReentrant
        onlyController(controller)
        returns (uint256 shares)
    {
        return _claimAssets(assets, receiver, controller);
    }

    /// @notice Claims the assets of `shares` redeemed shares for `receiver`: pro rata, floor; all of them for
    /// `maxRedeem`. Zero does nothing.
    /// @dev For the controller or his operator. Reverts with the queue's ExceedsClaimable.
    /// @return assets Asset units paid.
    function redeem(uint256 shares, address receiver, address controller)
        external
        nonReentrant
        onlyController(controller)
        returns (uint256 assets)
    {
        if (shares == 0) return 0;
        assets = _claimConverted(redeemQueue, shares, receiver, controller);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
    }

    /// @notice Claims at once all that is claimable in both queues, under lock what earlier generations owe.
    /// @dev For the controller or his operator. Nothing to claim is no error.
    /// @return shares Shares paid to `receiver`.
    /// @return assets Asset units paid to `receiver`.
    function settleFinalized(address receiver, address controller)
        external
        nonReentrant
        onlyController(controller)
        returns (uint256 shares, uint256 assets)
    {
        _checkReceiver(receiver, controller);
        (shares,) = _claimable(subscribeQueue, controller);
        _claimShares(shares, receiver, controller);
        (assets,) = _claimable(redeemQueue, controller);
        _claimAssets(assets, receiver, controller);
    }

    // --- Cancellation and exit ---

    /// @notice Takes the controller's unconverted assets out of the queue; `claimCancelDepositRequest` pays them.
    /// @dev For the controller or his operator, in every state of the Unit, except under lock. Reverts with the queue's
    /// QueueLocked and NoPosition.
    function cancelDepositRequest(uint256 requestId, address controller)
        external
        nonReentrant
        onlyController(controller)
    {
        _cancel(subscribeQueue, requestId, controller);
        emit CancelDepositRequest(controller, requestId, msg.sender);
    }

    /// @notice Pays the assets of cancelled requests.
    /// @dev For the controller or his operator, at any time. Nothing to pay is no error.
    /// @return assets Asset units paid to `receiver`.
    function claimCancelDepositRequest(uint256 requestId, address receiver, address controller)
        external
        nonReentrant
        onlyController(controller)
        returns (uint256 assets)
    {
        assets = _claimRefund(subscribeQueue, requestId, receiver, controller);
        emit CancelDepositClaim(controller, receiver, requestId, msg.sender, assets);
    }

    /// @notice Takes the controller's unconverted shares out of the queue; `claimCancelRedeemRequest` pays them.
    /// @dev For the controller or his operator, in every state of the Unit, except under lock. Reverts with the queue's
    /// QueueLocked and NoPosition.
    function cancelRedeemRequest(uint256 requestId, address controller)
        external
        nonReentrant
        onlyController(controller)
    {
        _cancel(redeemQueue, requestId, controller);
        emit CancelRedeemRequest(controller, requestId, msg.sender);
    }

    /// @notice Pays the shares of cancelled requests.
    /// @dev For the controller or his operator, at any time. Nothing to pay is no error. Reverts with HolderNotAllowed
    /// for a receiver other than the controller.
    /// @return shares Shares paid to `receiver`.
    function claimCancelRedeemRequest(uint256 requestId, address receiver, address controller)
        external
        nonReentrant
        onlyController(controller)
        returns (uint256 shares)
    {
        _checkReceiver(receiver, controller);
        shares = _claimRefund(redeemQueue, requestId, receiver, controller);
        emit CancelRedeemClaim(controller, receiver, requestId, msg.sender, shares);
    }

    /// @notice Leaves the subscribe queue at once: pays the unconverted assets, cancelled ones included, and all shares
    /// that are claimable.
    /// @dev For the controller or his operator, in every state of the Unit. Reverts with the queue's QueueLocked (if he
    /// waits in the locked generation) and NoPosition (if nothing is his), and HolderNotAllowed for another receiver.
    /// @return assets Asset units paid to `receiver`, floor.
    /// @return shares Shares paid to `receiver`, floor.
    function exitDeposit(address receiver, address controller)
        external
        nonReentrant
        onlyController(controller)
        returns (uint256 assets, uint256 shares)
    {
        return _exit(subscribeQueue, receiver, controller);
    }

    /// @notice Leaves the redeem queue at once: pays the unconverted shares, cancelled ones included, and all assets that
    /// are claimable.
    /// @dev As `exitDeposit`.
    /// @return shares Shares paid to `receiver`, floor.
    /// @return assets Asset units paid to `receiver`, floor.
    function exitRedeem(address receiver, address controller)
        external
        nonReentrant
        onlyController(controller)
        returns (uint256 shares, uint256 assets)
    {
        return _exit(redeemQueue, receiver, controller);
    }

    // --- Views ---

    /// @notice The token that buys and is paid.
    function asset() external view returns (address) {
        return _asset;
    }

    /// @notice The share token: the Unit itself (ERC-7575).
    function share() external view returns (address) {
        return address(this);
    }

    /// @notice Asset value of all shares at the latest settlement, asset units, floor.
    function totalAssets() external view returns (uint256) {
        return _assets(totalSupply());
    }

    /// @notice Asset value of `shares` at the latest settlement, asset units, floor.
    function convertToAssets(uint256 shares) external view returns (uint256) {
        return _assets(shares);
    }

    /// @notice Shares that `assets` asset units would buy at the latest settlement, floor; 0 if the share is worthless.
    function convertToShares(uint256 assets) external view returns (uint256) {
        return _worthless ? 0 : SettlementMath.sharesDown(assets, index, _scale);
    }

    /// @notice Asset units of `controller` that wait, floor.
    function pendingDepositRequest(uint256 requestId, address controller) external view returns (uint256) {
        return _remaining(subscribeQueue, requestId, controller);
    }

    /// @notice Asset units of `controller` that were converted and not claimed. Under lock: by earlier generations.
    function claimableDepositRequest(uint256 requestId, address controller) external view returns (uint256) {
        return requestId == REQUEST_ID ? maxDeposit(controller) : 0;
    }

    /// @notice Shares of `controller` that wait, floor.
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return _remaining(redeemQueue, requestId, controller);
    }

    /// @notice Shares of `controller` that were redeemed and not claimed. Under lock: by earlier generations.
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return requestId == REQUEST_ID ? maxRedeem(controller) : 0;
    }

    /// @notice The most that `deposit` can claim now, asset units, exact.
    function maxDeposit(address controller) public view returns (uint256 assets) {
        (, assets) = _claimable(subscribeQueue, controller);
    }

    /// @notice The most that `mint` can claim now, shares, exact.
    function maxMint(address controller) external view returns (uint256 shares) {
        (shares,) = _claimable(subscribeQueue, controller);
    }

    /// @notice The most that `withdraw` can claim now, asset units, exact.
    function maxWithdraw(address controller) external view returns (uint256 assets) {
        (assets,) = _claimable(redeemQueue, controller);
    }

    /// @notice The most that `redeem` can claim now, shares, exact.
    function maxRedeem(address controller) public view returns (uint256 shares) {
        (, shares) = _claimable(redeemQueue, controller);
    }

    /// @notice Always false: a cancellation is claimable at once.
    function pendingCancelDepositRequest(uint256, address) external pure returns (bool) {
        return false;
    }

    /// @notice Always false: a cancellation is claimable at once.
    function pendingCancelRedeemRequest(uint256, address) external pure returns (bool) {
        return false;
    }

    /// @notice Asset units of cancelled requests that `controller` can claim.
    function claimableCancelDepositRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256)
    {
        return _refund(subscribeQueue, requestId, controller);
    }

    /// @notice Shares of cancelled requests that `controller` can claim.
    function claimableCancelRedeemRequest(uint256 requestId, address controller)
        external
        view
        returns (uint256)
    {
        return _refund(redeemQueue, requestId, controller);
    }

    /// @notice Always reverts with NoPreview, as ERC-7540 demands.
    function previewDeposit(uint256) external pure returns (uint256) {
        revert NoPreview();
    }

    /// @notice Always reverts with NoPreview, as ERC-7540 demands.
    function previewMint(uint256) external pure returns (uint256) {
        revert NoPreview();
    }

    /// @notice Always reverts with NoPreview, as ERC-7540 demands.
    function previewWithdraw(uint256) external pure returns (uint256) {
        revert NoPreview();
    }

    /// @notice Always reverts with NoPreview, as ERC-7540 demands.
    function previewRedeem(uint256) external pure returns (uint256) {
        revert NoPreview();
    }

    /// @notice ERC-165.
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 // ERC-165
            || id == 0x2f0a18c5 // ERC-7575 vault
            || id == 0xe3bc4e65 // ERC-7540 operators
            || id == 0xce3bbe50 // ERC-7540 deposit
            || id == 0x620ee8e4 // ERC-7540 redeem
            || id == 0x8bf840e3 // ERC-7887 deposit
            || id == 0xe76cffc7; // ERC-7887 redeem
    }

    // --- Through to the queues ---

    function _claimShares(uint256 shares, address receiver, address controller)
        private
        returns (uint256 assets)
    {
        if (shares == 0) return 0;
        assets = _claimReward(subscribeQueue, shares, receiver, controller);
        emit Deposit(controller, receiver, assets, shares);
    }

    function _claimAssets(uint256 assets, address receiver, address controller)
        private
        returns (uint256 shares)
    {
        if (assets == 0) return 0;
        shares = _claimReward(redeemQueue, assets, receiver, controller);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
    }

    function _claimReward(LctsQueue queue, uint256 amount, address receiver, address controller)
        private
        returns (uint256)
    {
        return queue.claimReward(controller, amount, receiver);
    }

    function _claimConverted(LctsQueue queue, uint256 amount, address receiver, address controller)
        private
        returns (uint256)
    {
        return queue.claimConverted(controller, amount, receiver);
    }

    function _cancel(LctsQueue queue, uint256 requestId, address controller) private {
        _checkRequest(requestId);
        queue.cancel(controller);
    }

    function _claimRefund(LctsQueue queue, uint256 requestId, address receiver, address controller)
        private
        returns (uint256)
    {
        _checkRequest(requestId);
        return queue.claimRefund(controller, receiver);
    }

    function _claimable(LctsQueue queue, address controller) private view returns (uint256, uint256) {
        return queue.claimableOf(controller);
    }

    function _remaining(LctsQueue queue, uint256 requestId, address controller)
        private
        view
        returns (uint256)
    {
        return requestId == REQUEST_ID ? queue.remainingOf(controller) : 0;
    }

    function _refund(LctsQueue queue, uint256 requestId, address controller) private view returns (uint256) {
        return requestId == REQUEST_ID ? queue.refundOf(controller) : 0;
    }

    function _exit(LctsQueue queue, address receiver, address controller) private returns (uint256, uint256) {
        _checkReceiver(receiver, controller);
        return queue.exit(controller, receiver);
    }

    // --- Checks ---

    function _checkOperator(address account) private view {
        if (msg.sender != account && !isOperator[account][msg.sender]) revert NotOperator(account);
    }

    /// @dev The controller may always take what is his, also when he is no entrant any more.
    function _checkReceiver(address receiver, address controller) private view {
        if (receiver != controller) _checkHolder(receiver);
    }

    function _checkRequest(uint256 requestId) private pure {
        if (requestId != REQUEST_ID) revert UnknownRequest(requestId);
    }
}
